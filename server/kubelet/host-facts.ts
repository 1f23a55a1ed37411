// What the machine says about itself, for nodeInfo and the pressure conditions.
import { readdirSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import os from 'node:os'
import type { Spare } from './node-object.ts'

/** Kubernetes names architectures as Go does. */
const GO_ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386' }

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/** NodeSystemInfo of this machine. @param runtimeVersion `podium://1` */
export function nodeInfo(kubeletVersion: string, runtimeVersion: string): Record<string, string> {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1]
  return {
    machineID: read('/etc/machine-id'),
    systemUUID: '',
    bootID: read('/proc/sys/kernel/random/boot_id'),
    kernelVersion: os.release(),
    osImage: pretty ?? `${os.type()} ${os.release()}`,
    containerRuntimeVersion: runtimeVersion,
    kubeletVersion,
    kubeProxyVersion: '',
    operatingSystem: os.platform(),
    architecture: GO_ARCHITECTURES[os.arch()] ?? os.arch(),
  }
}

/** Memory, disk (of `folder`) and process numbers that are still free. */
export async function measureSpare(folder: string): Promise<Spare> {
  const disk = await statfs(folder).catch(() => undefined)
  const pidMax = Number(read('/proc/sys/kernel/pid_max'))
  return {
    // On Linux this is MemAvailable, which counts what caches would give back.
    memoryBytes: os.freemem(),
    diskBytes: disk && disk.bavail * disk.bsize,
    pidShare: pidMax > 0 ? 1 - processCount() / pidMax : undefined,
  }
}

function processCount(): number {
  try {
    return readdirSync('/proc').filter((name) => Number(name) > 0).length
  } catch {
    return 0
  }
}
