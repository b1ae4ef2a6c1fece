"""Which pin of the Pico does what: the one place that says so.

hardware/wiring.yaml is checked against this file by a test; change both. Numbers are GPIO numbers,
not those of the header.
"""

# motor: H-bridge with two inputs and end stops; servo: one pin, no end stops; none
COVER = "motor"
MOTOR_OPEN = 2
MOTOR_SHUT = 3
SERVO = 2
# switches that close to ground at the end of the way
STOP_OPEN = 4
STOP_CLOSED = 5

# I2C0: SHT4x (air) and MLX90614 (sky); TSL2591 (brightness) if there is one
I2C_SDA = 8
I2C_SCL = 9
SENSORS = ("air", "sky")

# gate of the heater's MOSFET
HEATER = 14
# contact that is closed to ground while it is dry: a cut wire reads as rain
RAIN = 15
RAIN_LEVEL = 1

# high opens the relay's break contact in the Pi's supply; floating, the Pi has power
CUT_PI = 16
# high pulls the Pi's GPIO 26 low through a transistor (dtoverlay=gpio-shutdown)
ASK_PI = 17

# a pulse each second from a GNSS receiver, and the LED at the rim of the dome that repeats it
PPS = 18
PPS_LED = 19
# at night it must not light the dome: off by default, on for a check
PPS_LED_ON = False

# a GNSS receiver on the controller's own serial port (UART0: GP1 hears it); -1 where there is none
GNSS_RX = -1
GNSS_BAUD = 9600

# 12 V over 100 kOhm and 15 kOhm
SUPPLY = 26
SUPPLY_RATIO = (100.0 + 15.0) / 15.0

SAFE = (MOTOR_OPEN, MOTOR_SHUT, HEATER, CUT_PI, ASK_PI, PPS_LED)
