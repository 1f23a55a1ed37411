export const root: string
export function buildServer(): Promise<boolean>
export function buildSchemas(): Promise<boolean>
export function buildClient(): Promise<boolean>
export function buildAll(say: (name: string, ms: number) => string | void): Promise<unknown[]>
