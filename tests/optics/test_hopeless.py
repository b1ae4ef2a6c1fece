"""Lists of points that have no solution: none may be accepted."""

import numpy as np
import pytest

from issgaze.optics.plate import solve_plate

from .test_plate import _HEIGHT, _WIDTH, _camera, _points, _quadrants_turned, _random_list, _sky
