// Reads one loadbot's reports for as long as it is there.
import http from 'node:http'
import type { Report } from '../stream.ts'
import { LineSplitter } from './lines.ts'

const RETRY_MS = 200
/** A loadbot that says nothing for this long (ms) does not answer. */
const SILENCE_MS = 2000

export interface BotAddress {
  /** Of its pod. */
  name: string
  host: string
  port: number
}

/** Reads until `close`, or until the stream ends after `release`. */
export class BotReader {
  readonly address: BotAddress
  private readonly epoch: string
  private readonly onReport: (report: Report) => void
  private request: http.ClientRequest | null = null
  private retry: NodeJS.Timeout | null = null
  private heardAt: number
  private saidGoodbye = false
  /** Set once its pod is gone: what is still on the way is read, and nothing more is asked. */
  private onDone: ((uid: string | null) => void) | null = null
  private closed = false
  private uid: string | null = null

  constructor(address: BotAddress, epoch: string, onReport: (report: Report) => void) {
    this.address = address
    this.epoch = epoch
    this.onReport = onReport
    // A process that has just been started gets the time to begin.
    this.heardAt = performance.now()
    this.open()
  }

  /** Whether it has been silent for too long without having said goodbye. */
  get unreachable(): boolean {
    return !this.saidGoodbye && performance.now() - this.heardAt > SILENCE_MS
  }

  /** Reads to the end of the stream; `onDone` gets the uid it reported under, or null when it never did. */
  release(onDone: (uid: string | null) => void): void {
    this.onDone = onDone
    if (this.retry) {
      clearTimeout(this.retry)
      onDone(this.uid)
    }
  }

  close(): void {
    this.closed = true
    if (this.retry) clearTimeout(this.retry)
    this.request?.destroy()
  }

  private open(): void {
    const { host, port } = this.address
    const path = `/stream?epoch=${encodeURIComponent(this.epoch)}`
    const request = http.get({ host, port, path, agent: false, timeout: SILENCE_MS })
    this.request = request
    this.retry = null
    request.on('response', (response) => {
      const lines = new LineSplitter((line) => this.read(line, request))
      if (response.statusCode === 200) response.on('data', (chunk: Buffer) => lines.push(chunk))
      else response.resume()
      // Without a listener an aborted response would be an unhandled error.
      response.on('error', () => undefined)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => undefined)
    request.on('close', () => {
      if (this.onDone) this.onDone(this.uid)
      else if (!this.closed) this.retry = setTimeout(() => this.open(), RETRY_MS)
    })
  }

  private read(line: string, request: http.ClientRequest): void {
    try {
      const report = JSON.parse(line) as Report
      this.onReport(report)
      this.uid = report.count.uid
      this.heardAt = performance.now()
      this.saidGoodbye = report.count.final === true
    } catch {
      // It does not speak our language: as if it did not answer.
      request.destroy()
    }
  }
}
