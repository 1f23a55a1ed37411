// What the main process and its spawner say to each other.
import type { TerminalSize } from '../../../shared/operation.ts'

export interface SpawnRequest {
  file: string
  args: readonly string[]
  env: Record<string, string>
  cwd: string
  /** Added to the priority (nice). */
  niceness: number
  /** Input is a stream of its own; without it the process reads nothing. */
  stdin?: boolean
  /** The process gets a terminal of its own: input and output are its keyboard and screen, nothing goes to stderr. */
  tty?: TerminalSize
}

export interface SpawnOrder extends SpawnRequest {
  id: number
  /** Where the process's streams are connected to: one connection each, after a line such as `<id> stdout`. */
  socketPath: string
}

/** The terminal of process `id` has another size from now on. */
export interface ResizeOrder {
  id: number
  resize: TerminalSize
}

export type StreamName = 'stdin' | 'stdout' | 'stderr'

/** The streams that the main process is to hold, in the order in which they are connected. */
export function streamsOf({ stdin, tty }: Pick<SpawnRequest, 'stdin' | 'tty'>): StreamName[] {
  return ['stdout', ...(tty ? [] : ['stderr' as const]), ...(stdin ? ['stdin' as const] : [])]
}

/** It runs, it could not be started, or it has ended. */
export type SpawnReport =
  | { id: number; pid: number }
  | { id: number; error: string }
  | { id: number; code: number | null; signal: NodeJS.Signals | null }
