import { mkdir, open, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

const inflate = promisify(inflateRaw);
const endOfDirectory = 0x06054b50;

/**
 * Unpacks the entries of a zip file that `choose` gives a place. For archives whose hash was checked: no zip64, no links.
 * @param {string} file
 * @param {string} to the folder they go to
 * @param {(name: string) => string | undefined} choose an entry's name to its place below `to`; undefined leaves it out
 */
export async function unzip(file, to, choose) {
  const archive = await open(file);
  try {
    /** @param {number} at @param {number} length */
    const read = async (at, length) => (await archive.read(Buffer.alloc(length), 0, length, at)).buffer;
    const { size } = await archive.stat();
    const tailLength = Math.min(size, 65_557);
    const tail = await read(size - tailLength, tailLength);
    let end = tail.length - 22;
    while (end >= 0 && tail.readUInt32LE(end) !== endOfDirectory) end--;
    if (end < 0) throw new Error(`${file} is not a whole zip file.`);
    const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));

    for (let at = 0; at + 46 <= directory.length;) {
      const nameLength = directory.readUInt16LE(at + 28);
      const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
      const place = name.endsWith("/") ? undefined : choose(name);
      if (place !== undefined) {
        const target = path.resolve(to, place);
        if (!target.startsWith(path.resolve(to) + path.sep)) throw new Error(`${file} wants to write outside: ${name}`);
        const header = directory.readUInt32LE(at + 42);
        const local = await read(header, 30);
        const packed = await read(
          header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28),
          directory.readUInt32LE(at + 20),
        );
        const stored = directory.readUInt16LE(at + 10) === 0;
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, stored ? packed : await inflate(packed), {
          mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
        });
      }
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
  } finally {
    await archive.close();
  }
}
