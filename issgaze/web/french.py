"""French: the page's words, the reasons of the ledger, the labels of the sky chart.

The narrow space that French sets before high punctuation is put in by `thin`.
"""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

import re

FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip

_WORDS: dict[str, str] = {
    "A dot is a star; the line from it leads to where the lens puts the star, {times} times "
    "enlarged. Lines in all directions are well; a swirl or a gradient is not.": "Un point est une "
    "étoile ; le trait mène à la place que lui donne l’objectif, {times} fois agrandi. Des traits "
    "en tous sens sont bon signe ; un tourbillon ou un dégradé, non.",
    "By keyboard: the arrows move the brush, with Shift faster; Space paints.": "Au clavier : les "
    "flèches déplacent le pinceau, plus vite avec Maj ; Espace peint.",
    "A pass of the space station.": "Un passage de la station spatiale.",
    "A picture in PNG of the same size": "Une image PNG de la même taille",
    "A single exposure: a short piece of trail, and noise": "Une seule pose : un bout de traînée, "
    "et du bruit",
    "Above the dew point": "Au-dessus du point de rosée",
    "Across the track": "Écart latéral",
    "All": "Tous",
    "All frames": "Toutes les poses",
    "All is well": "Tout va bien",
    "All nights": "Toutes les nuits",
    "All passes, the invisible ones too": "Tous les passages, même invisibles",
    "All {count} frames": "Les {count} poses",
    "Along the track": "Écart en temps",
    "Along-track residuals, at most {reach} s.": "Résidus le long de la trajectoire, {reach} s "
    "au plus.",
    "Another page asked for this.": "Une autre page a fait cette demande.",
    "Armed.": "Prêt.",
    "The device is in good health.": "L’appareil est en bonne santé.",
    "Back to what the passes have shown": "Revenir à ce que les passages ont montré",
    "Behind the horizon": "Passe derrière l’horizon",
    "Board": "Carte",
    "Brush": "Pinceau",
    "Calibrating.": "Étalonnage.",
    "Camera": "Caméra",
    "Capture": "Prise de vue",
    "Capture over: {why}.": "Fin de la prise de vue : {why}.",
    "Capture size": "Taille de capture",
    "Caught": "Réussi",
    "Clears the horizon": "Dégage l’horizon",
    "Clock": "Horloge",
    "Clouded": "Nuages",
    "Connect it to the network, or give it a GNSS receiver.": "Reliez-le au réseau, ou "
    "donnez-lui un récepteur GNSS.",
    "Copied": "Copié",
    "Copy the text": "Copier le texte",
    "Cover open.": "Capot ouvert.",
    "Cover shut.": "Capot fermé.",
    "Dark": "Sombre",
    "Dark frame": "Dark",
    "Darks come first: they show what the camera sees without light.": "D’abord les darks : ce "
    "que la caméra voit sans lumière.",
    "Darks with the cover shut, {done} of {planned}.": "Darks capot fermé, {done} sur {planned}.",
    "Day": "Jour",
    "Dead time": "Temps mort",
    "Dead time before": "Temps mort avant",
    "Developing.": "Développement.",
    "Device": "Appareil",
    "Direction": "Direction",
    "Download the share pack": "Télécharger le paquet",
    "E": "E",
    "Each cell is a frame: choose one to see it.": "Chaque case est une pose : "
    "choisissez-en une pour la voir.",
    "Earlier": "Plus tôt",
    "Element set from": "Éléments orbitaux de",
    "Event": "Événement",
    "Every frame is stacked as it comes in.": "Chaque pose est empilée dès son arrivée.",
    "Every visible pass and what became of it, newest first, local time": "Chaque passage "
    "visible et ce qu’il est devenu, du plus récent au plus ancien, heure locale",
    "Every visible pass ends here with a picture or a reason.": "Chaque passage visible finit "
    "ici par une image ou une raison.",
    "Every visible pass since {day} ends here with a picture or a reason.": "Depuis le {day}, "
    "chaque passage visible finit ici par une image ou une raison.",
    "Exposure": "Pose",
    "Faintest star": "Étoile la plus faible",
    "Filter": "Filtre",
    "Filter by outcome": "Filtrer par issue",
    "Focal length": "Focale",
    "Focus": "Mise au point",
    "Focusing.": "Mise au point.",
    "Focusing opens the camera: it needs the token.": "La mise au point ouvre la caméra : "
    "il faut le jeton.",
    "For messengers": "Pour messageries",
    "Frame": "Pose",
    "Frame {done} of {planned}.": "Pose {done} sur {planned}.",
    "Frame {number}, {time}": "Pose {number}, {time}",
    "Frames": "Poses",
    "Frames used": "Poses retenues",
    "From now": "D’ici là",
    "From, to": "De, à",
    "Gallery": "Galerie",
    "Give it a star": "Lui donner une étoile",
    "Guests see it anew once a minute.": "Les invités la voient changer une fois par minute.",
    "Guests see minutes and whole degrees.": "Les invités voient les minutes et les degrés "
    "entiers.",
    "Half light came {late} s from the forecast.": "La mi-lumière est venue à {late} s de "
    "la prévision.",
    "Health": "Santé",
    "Height": "Hauteur",
    "Highest": "Au plus haut",
    "Highest at": "Au plus haut à",
    "Horizon": "Horizon",
    "Into shadow": "Entre dans l’ombre",
    "Is it the station?": "Est-ce bien la station ?",
    "It is full or failing.": "Il est plein ou en panne.",
    "Later": "Plus tard",
    "Ledger": "Registre",
    "Lens": "Objectif",
    "Lens and horizon": "Objectif et horizon",
    "Life of the card": "Vie de la carte SD",
    "Light": "Clair",
    "Light curve": "Courbe de lumière",
    "Light curve: magnitude {low} at the faintest, {high} at the brightest.": "Courbe de "
    "lumière : magnitude {low} au plus faible, {high} au plus brillant.",
    "Light gathered": "Lumière recueillie",
    "Look up.": "Levez les yeux.",
    "Magnitude": "Magnitude",
    "Magnitude along the trail: dots as measured, the line as foretold.": "Magnitude le long de "
    "la traînée : points mesurés, ligne prévue.",
    "In open dots the trail is saturated and has lost light.": "Aux points vides, la traînée est "
    "saturée et a perdu de la lumière.",
    "Mask": "Masque",
    "Measurements": "Mesures",
    "Median residual": "Résidu médian",
    "Missed": "Manqué",
    "More": "Suite",
    "Needs you": "Votre aide est nécessaire",
    "Newer": "Plus récents",
    "Next pass": "Prochain passage",
    "Next pass, {day}": "Prochain passage, {day}",
    "Night": "Nuit",
    "Night after": "Nuit suivante",
    "Night after night": "Nuit après nuit",
    "Night before": "Nuit précédente",
    "Night of {day}": "Nuit du {day}",
    "Nights": "Nuits",
    "No pass is known. An element set may be missing: see Device.": "Aucun passage connu. Des "
    "éléments orbitaux manquent peut-être : voir Appareil.",
    "No pass worth a picture in the next ten days.": "Aucun passage digne d’une image dans les "
    "dix jours.",
    "No picture yet.": "Pas encore d’image.",
    "No program has reported yet.": "Aucun programme ne s’est encore annoncé.",
    "No visible pass is known.": "Aucun passage visible connu.",
    "No visible pass is over yet.": "Aucun passage visible n’est encore terminé.",
    "No word from the camera.": "Pas de nouvelles de la caméra.",
    "Nobody answers: the program that does it is not running.": "Personne ne répond : "
    "le programme concerné ne tourne pas.",
    "Nobody is there to photograph it.": "Personne n’est là pour le photographier.",
    "None in the next ten days that is worth a picture.": "Aucun digne d’une image dans les dix "
    "jours.",
    "None.": "Aucun.",
    "Not allowed": "Non autorisé",
    "Not settled yet": "Pas encore réglé",
    "Nothing here": "Rien ici",
    "Nothing is photographed until it runs again.": "Rien n’est photographié avant son retour.",
    "Nothing is running here.": "Rien ne tourne ici.",
    "Now": "Maintenant",
    "Older": "Plus anciens",
    "One frame": "Une pose",
    "One frame, and all of them": "Une pose, et toutes",
    "One picture, {month}": "Une image, {month}",
    "One short exposure, taken between passes": "Une courte pose, prise entre les passages",
    "Orbit": "Orbite",
    "Other passes": "Autres passages",
    "Out of shadow": "Sort de l’ombre",
    "Outcome": "Issue",
    "Outcome and reason": "Issue et raison",
    "Page {page} of {pages}": "Page {page} sur {pages}",
    "Pages": "Pages",
    "Paint ground": "Peindre le sol",
    "Paint sky": "Peindre le ciel",
    "Partial": "Partiel",
    "Passes": "Passages",
    "Passes of the next ten days, local time": "Passages des dix prochains jours, heure locale",
    "Passes of the night, local time": "Passages de la nuit, heure locale",
    "Photographing, {time}": "Prise de vue, {time}",
    "Photographing.": "Prise de vue.",
    "Picture": "Image",
    "Picture with names of stars": "Image avec noms d’étoiles",
    "Preflight complained: {told}.": "Contrôle avant passage, réserves : {told}.",
    "Preflight passed: {count} checks.": "Contrôle avant passage réussi : {count} points.",
    "Projection": "Projection",
    "Proved": "Prouvé",
    'Read here, changed over SSH: `issgaze config set site.name "My roof"`, or `issgaze config '
    "edit`.": 'À lire ici, à changer par SSH : `issgaze config set site.name "Mon toit"`, '
    "ou `issgaze config edit`.",
    "Replace the mask": "Remplacer le masque",
    "Report to print": "Rapport à imprimer",
    "All numbers": "Tous les chiffres",
    "Residual map": "Carte des résidus",
    "Residuals of {count} stars": "Résidus de {count} étoiles",
    "Rises": "Se lève",
    "Room": "Place",
    "Save": "Enregistrer",
    "A dot is a change of frames; above zero the station is ahead. In seconds.": "Un "
    "point est un changement de pose ; au-dessus de zéro, la station est en avance. En "
    "secondes.",
    "See the pass": "Voir le passage",
    "Sensor": "Capteur",
    "Sets": "Se couche",
    "Settings": "Réglages",
    "Share": "Partager",
    "Shoot.": "Photo.",
    "Show more of the single frame or of the finished picture": "Montrer davantage de la pose "
    "seule ou de l’image finie",
    "Sign in": "Se connecter",
    "Sign out": "Se déconnecter",
    "Signed in: exact times. Guests see minutes and whole degrees.": "Connecté : heures "
    "exactes. Les invités voient les minutes et les degrés entiers.",
    "Simulated sky: everything here was rendered, not photographed.": "Ciel simulé : "
    "tout ici est calculé, rien n’est photographié.",
    "Skip to content": "Aller au contenu",
    "Skip.": "Non.",
    "Skipped": "Laissé",
    "Sky": "Ciel",
    "Sky background": "Fond de ciel",
    "Sky chart": "Carte du ciel",
    "Sky dark enough": "Ciel assez sombre",
    "Sky too bright": "Ciel trop clair",
    "Small moving picture": "Petite image animée",
    "Solutions of the lens, newest first": "Solutions de l’objectif, de la plus récente à la "
    "plus ancienne",
    "Stacked": "Empilées",
    "Somebody turns the lens.": "Quelqu’un règle l’objectif.",
    "Star width": "Largeur des étoiles",
    "Star width, {low} px at best": "Largeur des étoiles, {low} px au mieux",
    "Starred": "Étoilés",
    "Starred. Take the star away": "Étoilé. Retirer l’étoile",
    "Stars": "Étoiles",
    "Stars matched": "Étoiles reconnues",
    "Start": "Début",
    "Start for three minutes": "Lancer pour trois minutes",
    "Start it to see the first pass.": "Lancez-le pour voir le premier passage.",
    "Start, exposure and dead time of each": "Début, durée et temps mort de chacune",
    "Starting.": "Démarrage.",
    "Station now, {time}": "La station, {time}",
    "Stop": "Arrêter",
    "Stopped.": "Arrêté.",
    "Sub-exposures": "Poses",
    "Sub-exposures, local time of start": "Poses, heure locale de début",
    "That did not work": "Cela n’a pas marché",
    "That is not the token. `issgaze web token` shows it.": "Ce n’est pas le jeton. "
    "`issgaze web token` le montre.",
    "A wrong token came too often: wait a minute.": "Trop de mauvais jetons : attendez une minute.",
    "The device": "L’appareil",
    "The device does not know the time, so it cannot know when a pass is.": "L’appareil ignore "
    "l’heure, donc aussi celle des passages.",
    "The disk has {free} GB left.": "Il reste {free} Go sur le disque.",
    "The disk refuses.": "Le disque refuse.",
    "The element set is {days} days old: times may be off by minutes.": "Les éléments orbitaux "
    "ont {days} jours : les heures peuvent être fausses de plusieurs minutes.",
    "The finished picture": "L’image finie",
    "The trail will grow here, frame by frame.": "La traînée grandira ici, pose après pose.",
    "The first pass that is photographed appears here, an hour after it at the latest.": "Le "
    "premier passage photographié paraîtra ici, une heure après au plus tard.",
    "The horizon would name the roof: it is shown after signing in.": "L’horizon trahirait le "
    "toit : il n’est montré qu’après connexion.",
    "The horizon, highest at {top}°": "L’horizon, {top}° au plus haut",
    "The last look at the sky": "Le dernier regard vers le ciel",
    "The last one came on {time}. Nothing is photographed.": "Les dernières datent du {time}. "
    "Rien n’est photographié.",
    "Stopped since {time}.": "Arrêté depuis le {time}.",
    "The lens is not known yet: the first clear pass finds it by its stars.": "L’objectif est "
    "encore inconnu : le premier passage sous un ciel clair le trouvera par ses étoiles.",
    "The mask: white where the sky is free": "Le masque : blanc où le ciel est libre",
    "The middle of the picture, fresh from the camera": "Le milieu de l’image, tout juste sorti "
    "de la caméra",
    "The next ten days": "Les dix prochains jours",
    "The night": "La nuit",
    "The night in numbers": "La nuit en chiffres",
    "The orbit promised ±{bound} s.": "L’orbite promettait ±{bound} s.",
    "The pass": "Le passage",
    "The pass in numbers, local time": "Le passage en chiffres, heure locale",
    "The picture is being made.": "L’image est en préparation.",
    "The place is rounded to 0.1°, the time to the minute. Stars and time in a picture can still "
    "tell where it was taken.": "Le lieu est arrondi à 0,1°, l’heure à la minute. Les étoiles et "
    "l’heure d’une image peuvent encore trahir le lieu.",
    "The configuration file is wrong; the last good one holds.": (
        "Le fichier de configuration est faux ; le dernier bon reste en vigueur."
    ),
    "`issgaze config check` over SSH names the fault, `edit` mends it.": (
        "`issgaze config check` par SSH nomme la faute, `edit` la répare."
    ),
    "The program that photographs is not running.": "Le programme de prise de vue ne tourne pas.",
    "The shutter is open.": "L’obturateur est ouvert.",
    "The station rose at {time}.": "La station s’est levée à {time}.",
    "The station rises at {time}, {day}.": "La station se lève à {time}, {day}.",
    "The trail, as it came in.": "La traînée, telle qu’elle est arrivée.",
    "The trail so far.": "La traînée jusqu’ici.",
    "Theme": "Thème",
    "There is no element set, so no pass is known.": "Il n’y a pas d’éléments orbitaux, donc "
    "aucun passage connu.",
    "There is no pass of that name.": "Il n’y a pas de passage de ce nom.",
    "The cover does not move: {why}.": "Le capot ne bouge pas : {why}.",
    "The roof has shut the cover: {why}.": "Le toit a fermé le capot : {why}.",
    "No darks: {why}.": "Pas de darks : {why}.",
    "The camera failed: {why}.": "La caméra a failli : {why}.",
    "The clock stepped by {span} s.": "L’horloge a sauté de {span} s.",
    "The clock is {trust}.": "L’horloge est {trust}.",
    "The roof is silent: {why}.": "Le toit se tait : {why}.",
    "The roof answers again.": "Le toit répond de nouveau.",
    "The roof reports: {why}.": "Le toit signale : {why}.",
    "It rains.": "Il pleut.",
    "There is no such page.": "Cette page n’existe pas.",
    "Ask for this page by its address or its .local name.": (
        "Demandez cette page par son adresse ou son nom en .local."
    ),
    "Eight viewers are watching live; ask /api/live now and then instead.": (
        "Huit personnes regardent en direct ; demandez plutôt /api/live de temps en temps."
    ),
    "That is no form.": "Ce n’est pas un formulaire.",
    "The mask is a PNG of at most 1.5 MB.": "Le masque est un PNG de 1,5 Mo au plus.",
    "The run folder cannot be written.": "Le dossier d’exécution ne peut être écrit.",
    "do is start or stop, exposure_s lies in 0.001 to 10.": (
        "do est start ou stop, exposure_s entre 0.001 et 10."
    ),
    "`page` is a number from 1 on.": "`page` est un nombre à partir de 1.",
    "starred is yes or no.": "starred est yes ou no.",
    "Sky chart: from the {rise} over {height}° in the {top} to the {set}": (
        "Carte du ciel : de {rise}, par {height}° vers {top}, jusqu’à {set}"
    ),
    "highest {height}°": "au plus haut {height}°",
    "rises": "lever",
    "sets": "coucher",
    "out of shadow": "hors de l’ombre",
    "into shadow": "dans l’ombre",
    "How it will be exposed": "Comment il sera exposé",
    "Planned anew a quarter of an hour before, by the sky as it is then.": (
        "Planifié de nouveau un quart d’heure avant, selon le ciel du moment."
    ),
    "All passes": "Tous les passages",
    "until it comes into light": "avant qu’elle ne soit éclairée",
    "Cannot be seen.": "Invisible.",
    "It is over.": "C’est passé.",
    "It is up now.": "Elle est levée.",
    "{count} s": "{count} s",
    "Brightest": "Éclat maximal",
    "Nearest": "Au plus près",
    "In light for": "Éclairée pendant",
    "Sun": "Soleil",
    "Moon": "Lune",
    "Time good to": "Heure juste à",
    "down": "couchée",
    "{percent} % lit, {height}° high": "éclairée à {percent} %, à {height}° de haut",
    "{count} exposures of {exposure} s at gain {gain}, from {begin} to {end}.": (
        "{count} poses de {exposure} s au gain {gain}, de {begin} à {end}."
    ),
    "Before them {count} darks with the cover shut.": "Avant elles, {count} darks capot fermé.",
    "Out of reach": "Hors de portée",
    "The device does not answer.": "L’appareil ne répond pas.",
    "Try again": "Réessayer",
    "It is off, restarting or out of reach of this network. What it photographs meanwhile is "
    "kept and shown when it is back.": (
        "Il est éteint, redémarre ou est hors de portée de ce réseau. Ce qu’il photographie "
        "entre-temps est gardé et montré à son retour."
    ),
    "There is no such file.": "Ce fichier n’existe pas.",
    "There is no such night.": "Il n’y a rien cette nuit-là.",
    "There is nothing to share yet.": "Rien à partager pour l’instant.",
    "This needs the token.": "Il faut le jeton.",
    "This pass in numbers": "Ce passage en chiffres",
    "Three minutes more": "Trois minutes de plus",
    "Time": "Heure",
    "Time from": "Heure donnée par",
    "Time-lapse": "Accéléré",
    "Time-lapse of the pass": "Accéléré du passage",
    "Time-lapse, stars held still": "Accéléré, étoiles fixes",
    "Times are {zone}": "Heures : {zone}",
    "To the first page": "À la première page",
    "Token": "Jeton",
    "Too many tries": "Trop d’essais",
    "Turn the lens until the stars are smallest. By day a far roof will do: sharp edges read as "
    "small stars.": "Tournez l’objectif jusqu’à ce que les étoiles soient au plus petit. De jour, "
    "un toit lointain suffit : des bords nets se lisent comme de petites étoiles.",
    "Turned since the last": "Rotation depuis la dernière",
    "Unexplained:": "Inexpliqués :",
    "Verdict and reason": "Verdict et raison",
    "Version": "Version",
    "Visible": "Visibles",
    "Visible passes of the next ten days, local time": "Passages visibles des dix prochains "
    "jours, heure locale",
    "W": "O",
    "Waiting.": "En attente.",
    "What became of it": "Ce qu’elle est devenue",
    "What could not be made": "Ce qui n’a pu être fait",
    "What happened": "Ce qui s’est passé",
    "What names the place is shown after signing in.": "Ce qui nomme le lieu est montré après "
    "connexion.",
    "What stands around the site, as many passes have shown it.": "Ce qui entoure le site, tel "
    "que les passages l’ont montré.",
    "What the checks complained of": "Ce que les contrôles ont relevé",
    "White is sky, black is not. Paint over it, then save; or save the picture, paint elsewhere, "
    "and bring it back.": "Le blanc est le ciel, le noir ne l’est pas. Peignez dessus puis "
    "enregistrez ; ou sauvez l’image, peignez-la ailleurs et rapportez-la.",
    "Will be shot": "À photographier",
    "Will be skipped": "À laisser",
    "Will be skipped.": "Sera laissé.",
    "Will shoot.": "Sera photographié.",
    "With the token this page shows exact times, and lets you change things. `issgaze web token` "
    "over SSH shows it.": "Avec le jeton, cette page montre les heures exactes et permet des "
    "changements. `issgaze web token` par SSH le montre.",
    "Withdrawn": "Retiré",
    "Withdrawn for now": "Retiré pour l’instant",
    "One coming pass is withdrawn for now; that is final when it would rise.": "Un passage à venir "
    "est retiré pour l’instant ; c’est définitif quand il se lèverait.",
    "{count} coming passes are withdrawn for now; that is final when they would rise.": "{count} "
    "passages à venir sont retirés pour l’instant ; c’est définitif quand ils se lèveraient.",
    "Would be shot.": "Serait photographié.",
    "Yes: {cross}′ beside the predicted path, {along} s from the predicted time.": "Oui : "
    "à {cross}′ de la trajectoire prévue, à {along} s de l’heure prévue.",
    "`issgaze config set archive.budget_gb` lowers what raw frames may take.": "`issgaze config "
    "set archive.budget_gb` réduit ce que les images brutes peuvent prendre.",
    "`issgaze doctor` over SSH checks every part and says how to mend it. For other programs:": (
        "`issgaze doctor` par SSH vérifie chaque partie et dit comment la réparer. Pour d’autres "
        "programmes :"
    ),
    "`issgaze elements fetch` asks for a new one and says what fails.": "`issgaze elements fetch` "
    "en demande de nouveaux et dit ce qui échoue.",
    "`issgaze run` on this machine, or `sudo systemctl start issgaze.target`.": "`issgaze run` "
    "sur cette machine, ou `sudo systemctl start issgaze.target`.",
    "`systemctl status issgaze-observe` over SSH tells why.": "`systemctl status issgaze-observe` "
    "par SSH dit pourquoi.",
    "best so far {px} px": "au mieux {px} px",
    "binned 2 × 2": "pixels groupés 2 × 2",
    "every pixel": "tous les pixels",
    "camera was moved": "caméra déplacée",
    "caught": "réussis",
    "clear": "dégagé",
    "clouded": "sous les nuages",
    "cover moving": "capot en mouvement",
    "cover open": "capot ouvert",
    "cover shut": "capot fermé",
    "description of the API": "description de l’API",
    "drifted": "a dérivé",
    "found at the first clear pass": "trouvé au premier passage clair",
    "found blind": "trouvé à l’aveugle",
    "given": "donné",
    "good to {span}": "juste à {span}",
    "high, towards {wind}": "de hauteur, vers {wind}",
    "in": "dans",
    "in shadow": "dans l’ombre",
    "magnitude {value}": "magnitude {value}",
    "metrics": "mesures",
    "missed": "manqués",
    "no": "non",
    "no element set": "pas d’éléments orbitaux",
    "no rain": "pas de pluie",
    "none yet": "aucun encore",
    "not to be trusted": "peu sûre",
    "not used": "écartée",
    "on {day}": "le {day}",
    "partial": "partiels",
    "rain": "pluie",
    "refined": "affiné",
    "skipped": "laissés",
    "solved {day}": "résolu le {day}",
    "solved {day}, stars within {off} px": "résolu le {day}, étoiles à {off} px près",
    "status": "état",
    "the station rises": "la station se lève",
    "this evening": "ce soir",
    "this morning": "ce matin",
    "tomorrow evening": "demain soir",
    "tomorrow morning": "demain matin",
    "tonight": "ce soir",
    "unexplained": "inexpliqués",
    "used": "retenue",
    "withdrawn": "retirés",
    "yes": "oui",
    "{age}, good to ±{bound}": "{age}, juste à ±{bound}",
    "{count} days old": "{count} jours",
    "{count} frames": "{count} poses",
    "{count} frames, no gap longer than {gap} ms.": "{count} poses, aucun trou de plus de {gap} "
    "ms.",
    "{count} frames.": "{count} poses.",
    "{count} h old": "{count} h",
    "{count} min": "{count} min",
    "{count} passes in ten days, {visible} of them visible": "{count} passages en dix jours, dont "
    "{visible} visibles",
    "{count} pictures since {month}": "{count} images depuis {month}",
    "{count} predicted": "{count} prévus",
    "{done} of {count} visible passes photographed.": "{done} passages visibles photographiés "
    "sur {count}.",
    "{done} of {planned}": "{done} sur {planned}",
    "{done} of {planned} frames": "{done} poses sur {planned}",
    "{exposure} s, gain {gain}": "{exposure} s, gain {gain}",
    "{free} GB, some {count} passes": "{free} Go, environ {count} passages",
    "{height}° high": "{height}° de haut",
    "{percent} % cloud": "{percent} % de nuages",
    "{range} km away": "à {range} km",
    "{shoots} of {count} visible passes will be shot. Every other one has its reason.": "{shoots} "
    "passages visibles sur {count} seront photographiés. Chaque autre a sa raison.",
    "{sky}, seen at {time}": "{sky}, vu à {time}",
    "{value} years": "{value} ans",
    "{what}: {when}": "{what} : {when}",
    "1 predicted": "1 prévu",
    "{used} of {all}": "{used} sur {all}",
}

_HIGH = re.compile(r" (?=[:;?!%°](?:\s|$))")


def thin(text: str) -> str:
    """Return a text with narrow spaces that do not break before high punctuation."""
    return _HIGH.sub("\u202f", text)


FRENCH = {english: thin(french) for english, french in _WORDS.items()}
