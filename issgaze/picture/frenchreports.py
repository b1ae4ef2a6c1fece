"""French for what is written down about one pass: why it was refused, its checks, its diary."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

REPORTS: tuple[tuple[str, str], ...] = (
    # the proof
    (r"only (\d+) % of it fits one set of times", r"\1 % seulement s’accorde avec un même horaire"),
    (r"Where the trail begins and ends cannot be seen, so its time is only known to (\S+) s",
     r"On ne voit ni le début ni la fin de la traînée, son heure n’est donc connue qu’à \1 s près"),
    (r"A trail runs (\S+) s (?:ahead of|behind) the prediction, (\S+) s are allowed: another "
     r"craft, or a wrong clock", r"Une traînée passe à \1 s de l’heure prévue, \2 s sont permises :"
     r" un autre engin, ou une horloge fausse"),
    (r"The trail runs (\S+)′ beside the predicted path, (\S+)′ are allowed", r"La traînée passe à "
     r"\1′ de la trajectoire prévue, \2′ sont permises"),
    (r"With so wide a window a craft that flies just ahead of the station cannot be told from it",
     r"Avec une fenêtre si large, un engin qui vole juste devant la station ne s’en distingue pas"),
    (r"Found by its shape alone: without a lens and elements nothing proves whose it is", r"Trouvée"
     r" par sa seule forme : sans objectif ni éléments orbitaux, rien ne prouve à qui elle est"),
    (r"A trail runs (\S+) s \S+ the prediction", r"Une traînée passe à \1 s de l’heure prévue"),
    (r"No (\S+) was given, so there is no prediction to hold it against", r"Pas de \1, donc pas de "
     r"prévision à quoi la comparer"),
    (r"No trail stands out along the predicted path: cloud, haze or a sky too bright", r"Aucune "
     r"traînée ne ressort le long de la trajectoire prévue : nuages, brume ou ciel trop clair"),
    (r"The frames carry no times", r"Les poses ne portent pas d’heure"),
    (r"The lens is not known, so the path on the picture is not either", r"L’objectif est inconnu, "
     r"la trajectoire sur l’image l’est donc aussi"),
    (r"The predicted path lies outside the picture", r"La trajectoire prévue passe hors de "
     r"l’image"),
    (r"there is no element set to compare with: give --elements FILE", r"pas d’éléments orbitaux à "
     r"quoi comparer : donnez --elements FILE"),
    (r"the (\d+) points found do not fit the lens of before", r"les \1 points trouvés ne vont pas "
     r"à l’objectif d’avant"),
    # what could not be made
    (r"without a lens sky and ground are not told apart", r"sans objectif, ciel et sol ne se "
     r"distinguent pas"),
    (r"without a lens stars cannot be held still", r"sans objectif, les étoiles ne se tiennent pas "
     r"fixes"),
    (r"without a lens stars move", r"sans objectif, les étoiles bougent"),
    (r"without a lens nothing can follow the stars", r"sans objectif, rien ne peut suivre les "
     r"étoiles"),
    (r"(\d+) frames make no film, (\d+) do", r"\1 poses ne font pas un film, il en faut \2"),
    (r"the lens is not known", r"l’objectif n’est pas connu"),
    (r"the (?:site|time|time and site) is not known, so the lens leads nowhere", r"l’heure ou le "
     r"lieu n’est pas connu, l’objectif ne mène donc nulle part"),
    (r"There is no frame to find the lens in", r"Aucune pose où trouver l’objectif"),
    (r"no streak of light was found", r"aucun trait de lumière n’a été trouvé"),
    (r"too few stars: (\d+) found, (\d+) are needed", r"trop peu d’étoiles : \1 trouvées, il en "
     r"faut \2"),
    (r"no lens puts the sky onto the (\d+) points found: at best (\d+) agree, no more than chance "
     r"would give", r"aucun objectif ne pose le ciel sur les \1 points trouvés : \2 s’accordent au "
     r"mieux, pas plus que par hasard"),
    # frames left out
    (r"another size: (\S+) px, the stack has (\S+)", r"autre taille : \1 px, l’empilement a \2"),
    (r"another Bayer order: (\S+), the stack has (\S+)", r"autre ordre de Bayer : \1, l’empilement "
     r"a \2"),
    (r"another bit depth: black and white level are (\S+) and (\S+) ADU, of the stack (\S+) and "
     r"(\S+)", r"autre profondeur : noir et blanc à \1 et \2 ADU, ceux de l’empilement à \3 et \4"),
    (r"another exposure: (\S+) s, the stack has (\S+) s", r"autre pose : \1 s, l’empilement a \2 "
     r"s"),
    (r"another gain: (\S+), the stack has (\S+)", r"autre gain : \1, l’empilement a \2"),
    (r"duplicated: the frame before started at (\S+) too", r"en double : la pose d’avant a aussi "
     r"commencé à \1"),
    (r"duplicated: its pixels are those of the frame before", r"en double : ses pixels sont "
     r"ceux de la pose d’avant"),
    (r"out of order: started at (\S+), (\S+) s before the frame before it", r"dans le désordre : "
     r"commencée à \1, \2 s avant la précédente"),
    (r"saturated: (\d+) % of its pixels are white, the limit is (\d+) %", r"saturée : \1 % de ses "
     r"pixels sont blancs, la limite est \2 %"),
    (r"black: 99\.9 % of its pixels are less than (\d+) ADU above the black level", r"noire : "
     r"99,9 % de ses pixels sont à moins de \1 ADU du niveau de noir"),
    (r"^(`\w+`) is one of ", r"\1 est l’un de "),
    # what develop answers to the owner
    (r"^the mask is replaced$", r"le masque est remplacé"),
    (r"^what the passes have shown holds again$", r"ce que les passages ont montré vaut de "
     r"nouveau"),
    (r"the mask: not a PNG that can be read", r"le masque : pas un PNG lisible"),
    (r"the mask: no pass has shown the horizon yet", r"le masque : aucun passage n’a encore montré "
     r"l’horizon"),
    (r"the mask: (\S+) px, (\S+) are needed", r"le masque : \1 px, il en faut \2"),
    # checks before a pass, at the beginning of a line or after a comma
    (r"(^|: |, )camera: ", r"\1caméra : "),
    (r"(^|: |, )focus: ", r"\1mise au point : "),
    (r"(^|: |, )dew: ", r"\1rosée : "),
    (r"(^|: |, )cover: ", r"\1capot : "),
    (r"(^|: |, )disk: ", r"\1disque : "),
    (r"(^|: |, )clock: ", r"\1horloge : "),
    (r"(^|: |, )elements: ", r"\1éléments : "),
    (r"(^|: |, )heat: ", r"\1chaleur : "),
    (r"(^|: |, )voltage: ", r"\1tension : "),
    (r"gives frames, after (\d+) failures", r"donne des poses, après \1 échecs"),
    (r"\bno frame\b", r"aucune pose"),
    (r"stars of (\S+) px", r"étoiles de \1 px"),
    (r"too few stars: clouds, twilight or dew", r"trop peu d’étoiles : nuages, crépuscule ou "
     r"rosée"),
    (r"\bcoarse, within (\S+) s", r"approximative, à \1 s près"),
    (r"\btrusted, within (\S+) s", r"sûre, à \1 s près"),
    (r"\buntrusted, unbounded", r"peu sûre, sans borne"),
    (r"^trusted$", r"sûre"),
    (r"^coarse$", r"approximative"),
    (r"^untrusted$", r"peu sûre"),
    (r"\bunbounded\b", r"sans borne"),
    (r"(\S+) days old", r"\1 jours"),
    (r": unknown", r" : inconnu"),
    (r"flags (0x\S+)", r"drapeaux \1"),
    (r"Check its cable\.", r"Voyez son câble."),
    (r"Wipe the dome; if stars stay large, focus anew\.", r"Essuyez le dôme ; si les étoiles "
     r"restent larges, refaites la mise au point."),
    (r"The heater works at its most; see whether the dome stays clear\.", r"Le chauffage est au "
     r"maximum ; voyez si le dôme reste clair."),
    (r"Check the disk: `df -h`\.", r"Voyez le disque : `df -h`."),
    (r"Delete old passes, or lower the quota\.", r"Effacez d’anciens passages, ou réduisez le "
     r"quota."),
    (r"Connect the network or a GNSS receiver\.", r"Reliez le réseau ou un récepteur GNSS."),
    (r"Check the network: `issgaze elements fetch`\.", r"Voyez le réseau : `issgaze elements "
     r"fetch`."),
    (r"Give the board air or shade\.", r"Donnez à la carte de l’air ou de l’ombre."),
    (r"Use the official supply and a short, thick cable\.", r"Prenez l’alimentation officielle et "
     r"un câble court et épais."),
    # why a capture ended
    (r"the disk has (\S+) GB left, (\S+) are kept for the picture", r"il reste \1 Go sur le "
     r"disque, \2 sont gardés pour l’image"),
    (r"^complete$", r"complète"),
)  # fmt: skip
