// What a cluster is called among others: kept with it, for a name is for life (KEP-2149).
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DataDir } from './data-dir.ts'
import { StartError } from './data-dir.ts'

/**
 * The name it has had, else the one that is asked for, else the data directory's.
 * @throws StartError when another than it has had is asked for
 */
export async function clusterNameOf(dataDir: DataDir, wanted: string | undefined): Promise<string> {
  const file = path.join(dataDir.path, 'cluster-name')
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (kept !== '') {
    if (wanted === undefined || wanted === kept) return kept
    throw new StartError(
      `This cluster is called "${kept}", and a name is for life; leave --cluster-name out or choose another --data-dir.`,
    )
  }
  const name = wanted ?? nameFrom(dataDir)
  await writeFile(file, `${name}\n`)
  return name
}

function nameFrom({ path: folder, kept, clusterId }: DataDir): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return kept && name !== '' ? name : `podium-${clusterId}`
}
