"""French for what programs say in English: reasons of the ledger, complaints of health and roof.

They come with numbers in them, and are translated by pattern.
"""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

import re

from issgaze.picture.frenchreports import REPORTS
from issgaze.picture.words import thin

_REASONS: tuple[tuple[str, str], ...] = (
    (r"Culminates at (\S+°)", r"Culmine à \1"),
    (r"Seen up to (\S+°) of (\S+°)", r"Vu jusqu’à \1 sur \2"),
    (r"lit for only (\d+) s, (\d+) s is the limit", r"éclairé \1 s seulement, \2 s au moins"),
    (r"lit for (\d+) s, the limit is (\d+) s", r"éclairé \1 s, la limite est \2 s"),
    (r"lit for (\d+) s", r"éclairé \1 s"),
    (r"Too low: culminates at (\S+°), the limit is (\S+°)", r"Trop bas : culmine à \1, la limite "
     r"est \2"),
    (r"Too short", r"Trop court"),
    (r"Too faint: magnitude (\S+), the limit is (\S+)", r"Trop faible : magnitude \1, la limite "
     r"est \2"),
    (r"Too low", r"Trop bas"),
    (r"Too faint", r"Trop faible"),
    (r"Not visible: the Sun stands at (\S+°), (\S+°) is the limit", r"Invisible : le Soleil est "
     r"à \1, la limite est \2"),
    (r"Not visible: no part of it is sunlit under a dark sky in free view", r"Invisible : jamais "
     r"éclairé sous un ciel sombre et dégagé"),
    (r"Not visible: ", r"Invisible : "),
    (r"Not visible", r"Invisible"),
    (r"The time is uncertain by (.+?), the limit is (.+?): a newer element set is needed",
     r"Heure incertaine de \1, la limite est \2 : il faut des éléments plus récents"),
    (r"doubtful: the time is uncertain by (.+?), shot anyway", r"douteux : heure incertaine de "
     r"\1, photographié quand même"),
    (r"doubtful: (\d+) % cloud, shot anyway", r"douteux : \1 % de nuages, photographié quand "
     r"même"),
    (r"the clock is only roughly right, so the window is wider", r"l’horloge n’est juste qu’à "
     r"peu près, la fenêtre est donc élargie"),
    (r"bright Moon, (\d+) % lit", r"Lune brillante, éclairée à \1 %"),
    (r"The device does not know the time, so it cannot know when the pass is", r"L’appareil "
     r"ignore l’heure, donc celle du passage"),
    (r"It rains, so the cover stays shut", r"Il pleut, le capot reste fermé"),
    (r"It rains", r"Il pleut"),
    (r"The disk has (\S+) GB free, a pass needs (\S+) GB", r"Il reste \1 Go sur le disque, un "
     r"passage en demande \2"),
    (r"shares the frames of the better pass", r"partage les poses du meilleur passage"),
    (r"taken before the time was known", r"pris avant que l’heure ne soit connue"),
    # what health and roof complain of
    (r"The disk takes nothing any more: it has gone read-only", r"Le disque n’accepte plus rien : "
     r"il est passé en lecture seule"),
    (r"Save what is on it; `dmesg` says why\. The card may be dying\.", r"Sauvez ce qui s’y "
     r"trouve ; `dmesg` dit pourquoi. La carte est peut-être mourante."),
    (r"The disk has counted (\d+) errors", r"Le disque a compté \1 erreurs"),
    (r"Save what is on it and put in a new card\.", r"Sauvez ce qui s’y trouve et mettez une carte "
     r"neuve."),
    (r"The voltage is too low", r"La tension est trop basse"),
    (r"Use the board's own supply and a short, thick cable\.", r"Prenez l’alimentation de la "
     r"carte et un câble court et épais."),
    (r"The board is at (\d+) °C, the limit is (\d+) °C", r"La carte est à \1 °C, la limite "
     r"est \2 °C"),
    (r"Give the box air or shade\.", r"Donnez au boîtier de l’air ou de l’ombre."),
    (r"Memory is short: programs wait (\d+) % of the time", r"La mémoire manque : les programmes "
     r"attendent \1 % du temps"),
    (r"Set `camera\.mode` to \"binned\", or end what else runs\.", r"Mettez `camera.mode` sur "
     r"« binned », ou arrêtez ce qui tourne d’autre."),
    (r"The air is (\S+) °C above its dew point", r"L’air est à \1 °C de son point de rosée"),
    (r"See whether the dome stays clear; the heater does what it can\.", r"Voyez si le dôme reste "
     r"clair ; le chauffage fait ce qu’il peut."),
    (r"The roof reports: ", r"Le toit signale : "),
    (r"`issgaze roof status` says more\.", r"`issgaze roof status` en dit plus."),
    (r"The roof is silent: ", r"Le toit se tait : "),
    (r"See its cable and fuse\.", r"Voyez son câble et son fusible."),
    (r"By a newer element set it does not rise", r"Selon des éléments plus récents, il ne se lève "
     r"pas"),
    (r"the camera gave no frame", r"la caméra n’a donné aucune image"),
    (r"the device was not running", r"l’appareil ne tournait pas"),
    (r"the capture did not begin", r"la prise de vue n’a pas commencé"),
    (r"the device did not know the time", r"l’appareil ne savait pas l’heure"),
    (r"the disk refused: no space left on device", r"le disque a refusé : plus de place"),
    (r"the disk refused: ", r"le disque a refusé : "),
    (r"(\d+) stars seen", r"\1 étoiles vues"),
    (r"(\d+) of (\d+) bright stars along the way seen", r"\1 étoiles brillantes vues sur \2 le "
     r"long du trajet"),
    (r"not proved: ", r"non prouvé : "),
    (r"not proved", r"non prouvé"),
    (r"(\d+) % of the lit arc was exposed", r"\1 % de l’arc éclairé photographiés"),
    (r"stopped by the owner", r"arrêté par le propriétaire"),
    (r"interrupted", r"interrompu"),
    (r"cut short", r"écourtée"),
    (r"The trail lies (\S+)′ beside the predicted path and (\S+) s (ahead of|behind) the "
     r"prediction, (\S+) s were allowed", r"La traînée passe à \1′ de la trajectoire prévue, à "
     r"\2 s de l’heure prévue ; \4 s étaient permises"),
    (r"The light along the path does not move as the station does", r"La lumière le long du "
     r"trajet ne bouge pas comme la station"),
    (r"Nothing bounds the error of the clock, so the times prove nothing", r"Rien ne borne "
     r"l’erreur de l’horloge, les heures ne prouvent donc rien"),
    (r"magnitude", r"magnitude"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), words) for pattern, words in (*_REASONS, *REPORTS))
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")


def french_reason(reason: str) -> str:
    """Return a reason of the ledger in French; what is not known to it stays English."""
    for pattern, words in _COMPILED:
        reason = pattern.sub(words, reason)
    return thin(_DECIMAL.sub(",", reason))
