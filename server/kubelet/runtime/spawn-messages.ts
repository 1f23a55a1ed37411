// What the main process and its spawner say to each other.

export interface SpawnRequest {
  file: string
  args: readonly string[]
  env: Record<string, string>
  cwd: string
  /** Added to the priority (nice). */
  niceness: number
}

export interface SpawnOrder extends SpawnRequest {
  id: number
  /** Where the new process's output is connected to: one connection each, after a line `<id> stdout` or `<id> stderr`. */
  socketPath: string
}

/** It runs, it could not be started, or it has ended. */
export type SpawnReport =
  | { id: number; pid: number }
  | { id: number; error: string }
  | { id: number; code: number | null; signal: NodeJS.Signals | null }
