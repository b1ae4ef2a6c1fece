"""French. U+202F, a narrow space that does not break, stands before units."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

from issgaze.picture.words import Words

WORDS = Words(
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    directions=(
        "le nord",
        "le nord-est",
        "l’est",
        "le sud-est",
        "le sud",
        "le sud-ouest",
        "l’ouest",
        "le nord-ouest",
    ),
    decimal=",",
    date="{day} {month} {year}",
    plural=lambda count: count > 1,
    sentences={
        "station": "La Station spatiale internationale",
        "satellite": "Le satellite {name}",
        "something": "Une lumière mobile",
        "seen": "{what} au-dessus de {place}, le {date} de {from_time} à {to_time} ({zone}).",
        "seen_nowhere": "{what}, le {date} de {from_time} à {to_time} ({zone}).",
        "untimed": "{what} parmi les étoiles.",
        "path": "Apparue vers {rise}, elle a culminé à {altitude}° vers {culmination} à {time}, "
        "à {range}\u202fkm, avant de redescendre vers {set}.",
        "peak": "Au plus fort, sa magnitude était de {magnitude}.",
        "entry": "À {time}, elle est entrée dans l’ombre de la Terre.",
        "exit": "À {time}, elle est sortie de l’ombre de la Terre.",
        "moon_up": "La Lune, éclairée à {percent}\u202f%, se tenait à {altitude}° de hauteur.",
        "moon_down": "La Lune était sous l’horizon.",
        "frames": "{count} poses de {exposure}\u202fs avec un appareil {camera}.",
        "frame": "Une pose de {exposure}\u202fs avec un appareil {camera}.",
        "frames_no_camera": "{count} poses de {exposure}\u202fs.",
        "frame_no_camera": "Une pose de {exposure}\u202fs.",
        "proved": "La trace passe à {cross}′ de la trajectoire prévue, avec {along}\u202fs "
        "{side} sur la prévision.",
        "ahead": "d’avance",
        "behind": "de retard",
        "not_proved": "Rien ne prouve à qui appartient cette trace.",
        "alt_trail": "Ciel nocturne traversé par une longue trace lumineuse",
        "alt_path": ", vue d’abord vers {rise}, puis vers {set}",
        "alt_stars": ", parmi {count} étoiles",
        "alt_ground": ", au-dessus d’un premier plan immobile.",
        "alt_no_trail": "Ciel nocturne",
        "alt_shadow": " La trace s’éteint là où la station entre dans l’ombre de la Terre.",
        "title": "La station spatiale au-dessus de {place}, {date}",
        "title_nowhere": "La station spatiale, {date}",
        "title_untimed": "Une trace parmi les étoiles",
        "minus": "−",
    },
)
