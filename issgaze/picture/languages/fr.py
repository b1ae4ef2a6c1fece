"""French. U+202F, a narrow space that does not break, stands before units."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

from issgaze.picture.frenchchart import FRENCH_MONTHS, FRENCH_WINDS, french_chart
from issgaze.picture.frenchreasons import french_reason
from issgaze.picture.words import Words, thin

_LABELS = {
    english: thin(french)
    for english, french in {
        "Outcome": "Issue",
        "Reason": "Raison",
        "Not made": "Non faits",
        "Conditions": "Conditions",
        "Is it the station?": "Est-ce bien la station ?",
        "The picture": "L’image",
        "Device": "Appareil",
        "Proved": "Prouvé",
        "yes": "oui",
        "no": "non",
        "Why": "Pourquoi",
        "Across the track": "Écart latéral",
        "Along the track": "Écart en temps",
        "Standard error": "Erreur type",
        "Speed ratio": "Rapport des vitesses",
        "Changes of frame measured": "Changements de pose mesurés",
        "Sun": "Soleil",
        "Moon": "Lune",
        "Sky": "Ciel",
        "Limiting magnitude": "Magnitude limite",
        "Part of the lit arc exposed": "Part de l’arc éclairé exposée",
        "{height} high, {lit} lit": "à {height} de haut, éclairée à {lit}",
        "below the horizon": "sous l’horizon",
        "Stars": "Étoiles",
        "Width of a star": "Largeur d’une étoile",
        "Frames": "Poses",
        "Samples rejected": "Échantillons rejetés",
        "{used} used, {refused} refused": "{used} retenues, {refused} écartées",
        "Camera": "Caméra",
        "Gain": "Gain",
        "Sensor": "Capteur",
        "Error of the clock": "Erreur de l’horloge",
        "Dead time by the stamps": "Temps mort selon les horodatages",
        "Dead time by the trail": "Temps mort selon la traînée",
        "Time to develop": "Durée du développement",
        "After the last frame": "Après la dernière pose",
        "Memory": "Mémoire",
        "Frame": "Pose",
        "Start": "Début",
        "Exposure": "Pose",
        "Gap before": "Trou avant",
        "Use": "Usage",
        "used": "retenue",
        "Brightness": "Éclat",
        "Magnitude along the trail, dots as measured, the line as foretold.": (
            "Magnitude le long de la traînée : points mesurés, ligne prévue."
        ),
        "Open dots: the trail is saturated there and lost light.": (
            "Points vides : la traînée y est saturée et a perdu de la lumière."
        ),
        "Magnitude {top} to {foot}": "Magnitude {top} à {foot}",
        "Measured less predicted": "Mesuré moins prévu",
        "Scatter": "Dispersion",
        "Half light, into shadow": "Mi-lumière, entrée dans l’ombre",
        "Half light, out of shadow": "Mi-lumière, sortie de l’ombre",
        "{late} after the prediction, {away} from its pixel": (
            "{late} après la prévision, à {away} de son pixel"
        ),
        "Along-track residuals": "Résidus le long de la trajectoire",
        "Seconds from the fitted motion at each change of frames (from {first} s to {last} s "
        "after the first frame)": (
            "Secondes d’écart au mouvement ajusté à chaque changement de pose (de {first} s à "
            "{last} s après la première pose)"
        ),
        "Along-track residuals, at most {reach} s": (
            "Résidus le long de la trajectoire, {reach} s au plus"
        ),
        "Beyond the scale, as arrows: {values}.": "Hors de l’échelle, en flèches : {values}.",
        "caught": "réussi",
        "partial": "partiel",
        "clouded": "nuages",
        "skipped": "laissé",
        "missed": "manqué",
        "withdrawn": "retiré",
    }.items()
}

WORDS = Words(
    months=FRENCH_MONTHS,
    directions=FRENCH_WINDS,
    decimal=",",
    date="{day} {month} {year}",
    plural=lambda count: count > 1,
    sentences={
        "station": "La Station spatiale internationale",
        "satellite": "Le satellite {name}",
        "something": "Une lumière mobile parmi les étoiles",
        "nothing": "Le ciel nocturne",
        "seen": "{what} au-dessus de {place}, le {date} de {from_time} à {to_time} ({zone}).",
        "seen_nowhere": "{what}, le {date} de {from_time} à {to_time} ({zone}).",
        "seen_at": "{what} au-dessus de {place}, le {date} à {from_time} ({zone}).",
        "seen_nowhere_at": "{what}, le {date} à {from_time} ({zone}).",
        "untimed": "{what}.",
        "simulated": "Le ciel est simulé\u202f: calculé, non photographié.",
        "alt_simulated": "Image simulée\u202f: ",
        "path": "La traînée va de {begin_height}° de hauteur vers {begin} à {end_height}° vers "
        "{end}.",
        "place": "La traînée se trouve à {begin_height}° de hauteur vers {begin}.",
        "top": "La station a culminé à {time}\u202f: {altitude}° vers {culmination}, à "
        "{range}\u202fkm.",
        "top_unseen": "La station a culminé hors de l’image, à {time}\u202f: {altitude}° vers "
        "{culmination}, à {range}\u202fkm.",
        "peak": "Selon la prévision, sa magnitude atteignait {magnitude}.",
        "entry": "À {time}, elle est entrée dans l’ombre de la Terre.",
        "exit": "À {time}, elle est sortie de l’ombre de la Terre.",
        "moon_up": "La Lune, éclairée à {percent}\u202f%, se tenait à {altitude}° de hauteur.",
        "moon_down": "La Lune était sous l’horizon.",
        "frames": "{count} poses de {exposure}\u202fs avec un appareil {camera}.",
        "frame": "Une pose de {exposure}\u202fs avec un appareil {camera}.",
        "frames_no_camera": "{count} poses de {exposure}\u202fs.",
        "frame_no_camera": "Une pose de {exposure}\u202fs.",
        "refused": "{count} autres poses ont été écartées.",
        "refused_one": "Une autre pose a été écartée.",
        "part": "L’image montre {percent}\u202f% de son trajet éclairé.",
        "proved": "La traînée passe à {cross}′ de la trajectoire prévue, avec {along}\u202fs "
        "{side} sur la prévision.",
        "ahead": "d’avance",
        "behind": "de retard",
        "not_proved": "Rien ne prouve à qui appartient cette traînée.",
        "alt_trail": "Ciel nocturne traversé par une longue traînée lumineuse",
        "alt_path": ", vue d’abord vers {begin}, puis vers {end}",
        "alt_place": ", vue vers {begin}",
        "alt_stars": ", parmi {count} étoiles",
        "alt_ground": ", au-dessus d’un premier plan immobile.",
        "alt_no_trail": "Ciel nocturne",
        "alt_shadow": " La traînée s’éteint là où la station entre dans l’ombre de la Terre.",
        "title": "La station spatiale au-dessus de {place}, {date}",
        "title_nowhere": "La station spatiale, {date}",
        "title_nothing": "Le ciel nocturne",
        "title_untimed": "Une traînée parmi les étoiles",
        "minus": "−",
    },
    labels=_LABELS,
    reason=french_reason,
    chart=french_chart,
)
