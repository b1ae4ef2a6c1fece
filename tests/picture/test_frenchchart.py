"""The sky chart in French."""

from issgaze.picture.caption import words
from issgaze.picture.frenchchart import french_text

_TOLD = (
    "North is up, east is left, as you see it lying on your back. It rises in the {wind}, stands "
    "highest at 68 degrees in the {wind} and sets in the {wind}."
)


def test_every_wind_of_the_captions_is_known_to_the_chart() -> None:
    for english, french in zip(words("en").directions, words("fr").directions, strict=True):
        told = french_text(_TOLD.format(wind=english))
        assert told.endswith(
            f"Elle se lève vers {french}, culmine à 68 degrés vers {french} et se couche vers "
            f"{french}."
        )


def test_days_and_months_are_french() -> None:
    assert french_text("Sky chart of ISS, Friday 10 May 2024") == (
        "Carte du ciel\u202f: ISS, vendredi 10 mai 2024"
    )
