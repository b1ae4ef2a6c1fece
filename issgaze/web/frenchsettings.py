"""French for what each setting means; the schema in `config` says it in English."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

from issgaze.picture.words import thin

_SETTINGS: dict[str, str] = {
    "What you call the place; stands in captions.": "Le nom que vous donnez au lieu ; il figure "
    "dans les légendes.",
    "Latitude, north positive, four decimals.": "Latitude, nord positif, quatre décimales.",
    "Longitude, east positive, four decimals.": "Longitude, est positif, quatre décimales.",
    "Height above the ellipsoid.": "Hauteur au-dessus de l’ellipsoïde.",
    "IANA name of the zone people there live by.": "Nom IANA du fuseau horaire du lieu.",
    'Roofs, trees and hills: azimuth:altitude pairs, as in "0:12 90:25 180:8".': "Toits, arbres "
    "et collines : des paires azimut:hauteur, comme « 0:12 90:25 180:8 ».",
    "Satellites to photograph, by catalogue number.": "Satellites à photographier, par numéro de "
    "catalogue.",
    "Rise and set are crossings of this altitude.": "Lever et coucher sont les passages à cette "
    "hauteur.",
    "Passes that stay lower are skipped.": "Les passages qui restent plus bas sont laissés.",
    "Magnitude at 1000 km and half phase.": "Magnitude à 1000 km et demi-phase.",
    "What the camera is; folder takes frames that another program writes.": "Ce qu’est la "
    "caméra ; folder prend les poses qu’un autre programme écrit.",
    "Where that program writes them.": "Où ce programme les écrit.",
    "Its chip.": "Sa puce.",
    "Capture size.": "Taille de capture.",
    "Focal length of the lens.": "Focale de l’objectif.",
    "Aperture of the lens.": "Ouverture de l’objectif.",
    "lens.json of the last calibration; empty: find out.": "lens.json du dernier étalonnage ; "
    "vide : à trouver.",
    "True when the roof controller can shut a cover.": "Vrai si le contrôleur du toit peut fermer "
    "un capot.",
    "pico is a controller of its own on USB, gpio the Pi's own pins.": "pico est un contrôleur à "
    "part sur USB, gpio les broches du Pi.",
    "Where the controller is.": "Où se trouve le contrôleur.",
    "Relay of the dew heater.": "Relais du chauffage contre la rosée.",
    "Servo of the cover.": "Servomoteur du capot.",
    "LED; dark while the cover is open.": "Diode ; éteinte quand le capot est ouvert.",
    "Button that keeps the cover shut.": "Bouton qui garde le capot fermé.",
    "Rain contact, closed while it is dry.": "Contact de pluie, fermé tant qu’il fait sec.",
    "Pulse of a GNSS receiver, read by the kernel.": "Impulsion d’un récepteur GNSS, lue par le "
    "noyau.",
    "Of a heater on the Pi's own pins.": "D’un chauffage sur les broches du Pi.",
    "auto takes gpsd if it runs, else the port; roof is the controller's.": "auto prend gpsd s’il "
    "tourne, sinon le port ; roof est celui du contrôleur.",
    "Where the receiver is.": "Où se trouve le récepteur.",
    "Its speed, bits a second.": "Son débit, en bits par seconde.",
    "Size of the products.": "Taille des produits.",
    "What developing may take at its largest; 0 is 45 % of the memory.": "Ce que le développement "
    "peut prendre au plus ; 0 : 45 % de la mémoire.",
    "Captions, the first one leading.": "Langues des légendes, la principale d’abord.",
    "Further pictures: star_trails, all_lights, ground_only, stars_only.": "Autres images : "
    "star_trails, all_lights, ground_only, stars_only.",
    "A second picture with the names of stars and constellations.": "Une seconde image avec les "
    "noms des étoiles et des constellations.",
    "Addresses; {norad_id} is filled in.": "Adresses ; {norad_id} y est remplacé.",
    "Hours between downloads.": "Heures entre les téléchargements.",
    "Address to listen on; 0.0.0.0 for the local network.": "Adresse d’écoute ; 0.0.0.0 pour le "
    "réseau local.",
    "Port to listen on.": "Port d’écoute.",
    "Folder of the archive; empty for the usual place.": "Dossier de l’archive ; vide pour la "
    "place habituelle.",
    "Raw frames go when it is used up.": "Les images brutes partent quand il est épuisé.",
    "Raw frames older than this go, too; 0 keeps them as long as there is room.": "Les images "
    "brutes plus vieilles partent aussi ; 0 les garde tant qu’il y a de la place.",
}  # fmt: skip

FRENCH_SETTINGS = {english: thin(french) for english, french in _SETTINGS.items()}
