"""French: the device itself: its state and troubles, lens, focus, requests and refusals."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

DEVICE: dict[str, str] = {
    "1 pixel": "1 pixel",
    "A picture in PNG of the same size": "Une image PNG de la même taille",
    "A wrong token came too often: wait a minute.": "Trop de mauvais jetons : attendez une minute.",
    "Above the dew point": "Au-dessus du point de rosée",
    "{age}, good to ±{bound}": "{age}, juste à ±{bound}",
    "All is well": "Tout va bien",
    "An arrow leads from where a star was seen to where the lens model puts it; the bar is an "
    "error of one pixel. Good: most arrows are shorter than the bar and point every which way. If "
    "neighbours point the same way, the lens is not well known yet; clear passes refine it.": (
        "Une flèche mène de l’endroit où une étoile a été vue à celui que lui donne le modèle de "
        "l’objectif ; la barre est une erreur d’un pixel. Bon signe : la plupart des flèches sont "
        "plus courtes que la barre et pointent en tous sens. Si des voisines pointent du même "
        "côté, l’objectif est encore mal connu ; les passages par ciel clair l’affinent."
    ),
    "Another page asked for this.": "Une autre page a fait cette demande.",
    "Ask for this page by its address or its .local name.": (
        "Demandez cette page par son adresse ou son nom en .local."
    ),
    "Back to what the passes have shown": "Revenir à ce que les passages ont montré",
    "best so far {px} px": "au mieux {px} px",
    "binned 2 × 2": "pixels groupés 2 × 2",
    "Board": "Carte",
    "Brush": "Pinceau",
    "By keyboard: the arrows move the brush, with Shift faster; Space paints.": "Au clavier : les "
    "flèches déplacent le pinceau, plus vite avec Maj ; Espace peint.",
    "Calibrating.": "Étalonnage.",
    "Camera": "Caméra",
    "camera was moved": "caméra déplacée",
    "Capture size": "Taille de capture",
    "clear": "dégagé",
    "Clock": "Horloge",
    "Connect it to the network, or give it a GNSS receiver.": "Reliez-le au réseau, ou "
    "donnez-lui un récepteur GNSS.",
    "{count} days old": "{count} jours",
    "{count} h old": "{count} h",
    "cover moving": "capot en mouvement",
    "cover open": "capot ouvert",
    "cover shut": "capot fermé",
    "Darks with the cover shut, {done} of {planned}.": "Darks capot fermé, {done} sur {planned}.",
    "description of the API": "description de l’API",
    "Developing.": "Développement.",
    "Device": "Appareil",
    "do is start or stop, exposure_s lies in 0.001 to 10.": (
        "do est start ou stop, exposure_s entre 0.001 et 10."
    ),
    "drifted": "a dérivé",
    "Eight viewers are watching live; ask /api/live now and then instead.": (
        "Huit personnes regardent en direct ; demandez plutôt /api/live de temps en temps."
    ),
    "Element set from": "Éléments orbitaux de",
    "every pixel": "tous les pixels",
    "Focal length": "Focale",
    "Focus": "Mise au point",
    "Focusing opens the camera: it needs the token.": "La mise au point ouvre la caméra : "
    "il faut le jeton.",
    "Focusing.": "Mise au point.",
    "found at the first clear pass": "trouvé au premier passage clair",
    "found blind": "trouvé à l’aveugle",
    "From the simulation.": "Vient de la simulation.",
    "Frame size": "Taille de l’image",
    "Frame {done} of {planned}.": "Pose {done} sur {planned}.",
    "{free} GB, some {count} passes": "{free} Go, environ {count} passages",
    "given": "donné",
    "good to {span}": "juste à {span}",
    "Horizon": "Horizon",
    "`issgaze config check` over SSH names the fault, `edit` mends it.": (
        "`issgaze config check` par SSH nomme la faute, `edit` la répare."
    ),
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
    "It is full or failing.": "Il est plein ou en panne.",
    "It is off, restarting or out of reach of this network. What it photographs meanwhile is "
    "kept and shown when it is back.": (
        "Il est éteint, redémarre ou est hors de portée de ce réseau. Ce qu’il photographie "
        "entre-temps est gardé et montré à son retour."
    ),
    "Lens": "Objectif",
    "Lens and horizon": "Objectif et horizon",
    "Life of the card": "Vie de la carte SD",
    "Mask": "Masque",
    "Median residual": "Résidu médian",
    "metrics": "mesures",
    "Night after night": "Nuit après nuit",
    "no element set": "pas d’éléments orbitaux",
    "No pass worth a picture in the next ten days.": "Aucun passage digne d’une image dans les "
    "dix jours.",
    "No program has reported yet.": "Aucun programme ne s’est encore annoncé.",
    "no rain": "pas de pluie",
    "No word from the camera.": "Pas de nouvelles de la caméra.",
    "Nobody answers: the program that does it is not running.": "Personne ne répond : "
    "le programme concerné ne tourne pas.",
    "Not allowed": "Non autorisé",
    "not to be trusted": "peu sûre",
    "Nothing here": "Rien ici",
    "Nothing is photographed until it runs again.": "Rien n’est photographié avant son retour.",
    "Nothing is running here.": "Rien ne tourne ici.",
    "on {day}": "le {day}",
    "One short exposure, taken between passes": "Une courte pose, prise entre les passages",
    "Orbit": "Orbite",
    "Out of reach": "Hors de portée",
    "`page` is a number from 1 on.": "`page` est un nombre à partir de 1.",
    "Paint ground": "Peindre le sol",
    "Paint sky": "Peindre le ciel",
    "{percent} % cloud": "{percent} % de nuages",
    "Photographing.": "Prise de vue.",
    "Place, satellite and camera come from the simulation, whatever is set.": "Lieu, satellite et "
    "caméra viennent de la simulation, quels que soient les réglages.",
    "Projection": "Projection",
    'Read here, changed over SSH: `issgaze config set site.name "My roof"`, or `issgaze config '
    "edit`.": 'À lire ici, à changer par SSH : `issgaze config set site.name "Mon toit"`, '
    "ou `issgaze config edit`.",
    "refined": "affiné",
    "Replace the mask": "Remplacer le masque",
    "Residual map": "Carte des résidus",
    "Residuals of {count} stars": "Résidus de {count} étoiles",
    "Room": "Place",
    "Save": "Enregistrer",
    "Settings": "Réglages",
    "Sign in": "Se connecter",
    "simulated": "simulé",
    "Sky": "Ciel",
    "{sky}, seen at {time}": "{sky}, vu à {time}",
    "Solutions of the lens, newest first": "Solutions de l’objectif, de la plus récente à la "
    "plus ancienne",
    "solved {day}": "résolu le {day}",
    "solved {day}, stars within {off} px": "résolu le {day}, étoiles à {off} px près",
    "Somebody turns the lens.": "Quelqu’un règle l’objectif.",
    "Star width, {low} px at best": "Largeur des étoiles, {low} px au mieux",
    "starred is yes or no.": "starred est yes ou no.",
    "Stars matched": "Étoiles reconnues",
    "Start for three minutes": "Lancer pour trois minutes",
    "Start it to see the first pass.": "Lancez-le pour voir le premier passage.",
    "Starting.": "Démarrage.",
    "status": "état",
    "Stop": "Arrêter",
    "Stopped since {time}.": "Arrêté depuis le {time}.",
    "Stopped.": "Arrêté.",
    "`issgaze run` starts it again.": "`issgaze run` le relance.",
    "`systemctl status issgaze-observe` over SSH tells why.": "`systemctl status issgaze-observe` "
    "par SSH dit pourquoi.",
    "That did not work": "Cela n’a pas marché",
    "That is no form.": "Ce n’est pas un formulaire.",
    "That is not the token. `issgaze web token` shows it.": "Ce n’est pas le jeton. "
    "`issgaze web token` le montre.",
    "The camera opens. The first picture takes a few seconds.": "La caméra s’ouvre. La première "
    "image prend quelques secondes.",
    "The configuration file is wrong; the last good one holds.": (
        "Le fichier de configuration est faux ; le dernier bon reste en vigueur."
    ),
    "The device": "L’appareil",
    "The device does not answer.": "L’appareil ne répond pas.",
    "The device does not know the time, so it cannot know when a pass is.": "L’appareil ignore "
    "l’heure, donc aussi celle des passages.",
    "The disk has {free} GB left.": "Il reste {free} Go sur le disque.",
    "The disk refuses.": "Le disque refuse.",
    "The element set is {days} days old: times may be off by minutes.": "Les éléments orbitaux "
    "ont {days} jours : les heures peuvent être fausses de plusieurs minutes.",
    "The horizon would name the roof: it is shown after signing in.": "L’horizon trahirait le "
    "toit : il n’est montré qu’après connexion.",
    "The horizon, highest at {top}°": "L’horizon, {top}° au plus haut",
    "The last look at the sky": "Le dernier regard vers le ciel",
    "The last one came on {time}. Nothing is photographed.": "Les dernières datent du {time}. "
    "Rien n’est photographié.",
    "The lens is given: the first clear pass shows how well it fits the stars.": "L’objectif est "
    "donné : le premier passage par ciel clair montrera s’il convient aux étoiles.",
    "The lens is not known yet: the first clear pass finds it by its stars.": "L’objectif est "
    "encore inconnu : le premier passage sous un ciel clair le trouvera par ses étoiles.",
    "The mask is a PNG of at most 1.5 MB.": "Le masque est un PNG de 1,5 Mo au plus.",
    "The mask: white where the sky is free": "Le masque : blanc où le ciel est libre",
    "The middle of the picture, fresh from the camera": "Le milieu de l’image, tout juste sorti "
    "de la caméra",
    "The program that photographs is not running.": "Le programme de prise de vue ne tourne pas.",
    "The run folder cannot be written.": "Le dossier d’exécution ne peut être écrit.",
    "The shutter is open.": "L’obturateur est ouvert.",
    "The simulation has its own.": "La simulation a les siens.",
    "The station rises at {time}, {day}.": "La station se lève à {time}, {day}.",
    "The station rose at {time}.": "La station s’est levée à {time}.",
    "There is no element set, so no pass is known.": "Il n’y a pas d’éléments orbitaux, donc "
    "aucun passage connu.",
    "There is no pass of that name.": "Il n’y a pas de passage de ce nom.",
    "There is no such file.": "Ce fichier n’existe pas.",
    "There is no such night.": "Il n’y a rien cette nuit-là.",
    "There is no such page.": "Cette page n’existe pas.",
    "There is nothing to share yet.": "Rien à partager pour l’instant.",
    "this evening": "ce soir",
    "this morning": "ce matin",
    "This needs the token.": "Il faut le jeton.",
    "Three minutes more": "Trois minutes de plus",
    "Time from": "Heure donnée par",
    "To the first page": "À la première page",
    "Token": "Jeton",
    "tomorrow evening": "demain soir",
    "tomorrow morning": "demain matin",
    "tonight": "ce soir",
    "tonight, past midnight": "cette nuit",
    "Too few stars: try a longer exposure.": "Trop peu d’étoiles : essayez une pose plus longue.",
    "Too many tries": "Trop d’essais",
    "Try again": "Réessayer",
    "Turn the lens until the stars are smallest. By day a far roof will do: sharp edges read as "
    "small stars.": "Tournez l’objectif jusqu’à ce que les étoiles soient au plus petit. De jour, "
    "un toit lointain suffit : des bords nets se lisent comme de petites étoiles.",
    "Turned since last time": "Rotation depuis la dernière fois",
    "{value} years": "{value} ans",
    "Version": "Version",
    "Waiting.": "En attente.",
    "What differs from the default is bold.": "Ce qui diffère du défaut est en gras.",
    "What names the place is shown after signing in.": "Ce qui nomme le lieu est montré après "
    "connexion.",
    "What stands around the site, as the passes have shown it.": "Ce qui entoure le site, tel "
    "que les passages l’ont montré.",
    "White is sky, black is not. Paint over it, then save; or save the picture, paint elsewhere, "
    "and bring it back.": "Le blanc est le ciel, le noir ne l’est pas. Peignez dessus puis "
    "enregistrez ; ou sauvez l’image, peignez-la ailleurs et rapportez-la.",
    "With the token this page shows exact times, and lets you change things. `issgaze web token` "
    "over SSH shows it.": "Avec le jeton, cette page montre les heures exactes et permet des "
    "changements. `issgaze web token` par SSH le montre.",
}
