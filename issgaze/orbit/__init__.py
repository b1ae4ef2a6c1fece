"""Where the satellite is: element sets, propagation, shadow, brightness, tracks, passes."""
