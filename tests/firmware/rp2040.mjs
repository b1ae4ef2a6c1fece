// An emulated RP2040 whose USB serial port is this program's stdin and stdout.
//   node rp2040.mjs BOOTROM.bin IMAGE.uf2
// Needs `npm install rp2040js` in a folder above or in NODE_PATH; the images are the owner's.
import { readFileSync } from 'node:fs';
import { Simulator, USBCDC } from 'rp2040js';

const FLASH = 0x10000000;
const [bootrom, image] = process.argv.slice(2);
const chip = new Simulator();
const mcu = chip.rp2040;
const rom = readFileSync(bootrom);
mcu.loadBootrom(new Uint32Array(rom.buffer, rom.byteOffset, rom.length >> 2));

// UF2: blocks of 512 bytes, each with an address and up to 476 bytes
const blocks = readFileSync(image);
for (let at = 0; at + 512 <= blocks.length; at += 512) {
  if (blocks.readUInt32LE(at) !== 0x0a324655) throw new Error(`no UF2 block at ${at}`);
  const address = blocks.readUInt32LE(at + 12);
  const size = blocks.readUInt32LE(at + 16);
  mcu.flash.set(blocks.subarray(at + 32, at + 32 + size), address - FLASH);
}

const serial = new USBCDC(mcu.usbCtrl);
serial.onDeviceConnected = () => serial.sendSerialByte(13);
serial.onSerialData = (bytes) => process.stdout.write(bytes);
const waiting = [];
process.stdin.on('data', (bytes) => waiting.push(...bytes));
process.stdin.on('end', () => process.exit(0));
// the chip's own queue holds 512 bytes
setInterval(() => {
  for (let count = 0; count < 64 && waiting.length; count++) serial.sendSerialByte(waiting.shift());
}, 5);
mcu.core.PC = FLASH;
chip.execute();
