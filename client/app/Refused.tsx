import css from './App.module.css'

/** The stage does not know this browser. Says what to do; nothing else would help. */
export function Refused({ reason }: { reason: string | null }) {
  return (
    <main className={css.refused}>
      <h1>This stage needs its link</h1>
      <p>{reason ?? 'This browser has no valid access token.'}</p>
      <p>
        Podium prints a link with a token in the terminal where <code>npm start</code> runs. Open
        that link in this browser once; afterwards this address works by itself.
      </p>
    </main>
  )
}
