"""French: the page's words; what programs say is in `picture.frenchreasons`.

What several pages say stands here, the rest by subject in the modules beside this one. The narrow
space that French sets before high punctuation is put in by `thin`.
"""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

from issgaze.picture.words import thin
from issgaze.web.frenchdevice import DEVICE
from issgaze.web.frenchpasses import PASSES
from issgaze.web.frenchpictures import PICTURES

_EVERYWHERE: dict[str, str] = {
    "All": "Tous",
    "Dark": "Sombre",
    "Day": "Jour",
    "Dead time": "Temps mort",
    "Earlier": "Plus tôt",
    "Exposure": "Temps de pose",
    "Filter": "Filtre",
    "Frame": "Pose",
    "Guests see minutes and whole degrees.": "Les invités voient les minutes et les degrés "
    "entiers.",
    "Highest at": "Au plus haut à",
    "Later": "Plus tard",
    "Light": "Clair",
    "More": "Suite",
    "Needs you": "Votre aide est nécessaire",
    "Newer": "Plus récents",
    "Night": "Nuit",
    "no": "non",
    "No picture yet.": "Pas encore d’image.",
    "Older": "Plus anciens",
    "Other passes": "Autres passages",
    "Outcome": "Issue",
    "Page {page} of {pages}": "Page {page} sur {pages}",
    "Pages": "Pages",
    "Passes": "Passages",
    "rain": "pluie",
    "Sign out": "Se déconnecter",
    "Signed in: exact times. Guests see minutes and whole degrees.": "Connecté : heures "
    "exactes. Les invités voient les minutes et les degrés entiers.",
    "Simulated sky: everything here was rendered, not photographed.": "Ciel simulé : "
    "tout ici est calculé, rien n’est photographié.",
    "Skip to content": "Aller au contenu",
    "Star width": "Largeur des étoiles",
    "The first pass that is photographed appears here, an hour after it at the latest.": "Le "
    "premier passage photographié paraîtra ici, une heure après au plus tard.",
    "The picture is being made.": "L’image est en préparation.",
    "Theme": "Thème",
    "This pass in numbers": "Ce passage en chiffres",
    "Times are {zone}": "Heures : {zone}",
    "{what}: {when}": "{what} : {when}",
    "Will be shot": "À photographier",
    "yes": "oui",
}

TABLES = (_EVERYWHERE, PASSES, PICTURES, DEVICE)
FRENCH = {english: thin(french) for table in TABLES for english, french in table.items()}
