import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { traceOne, useAskedTrace } from '../../live/findings.ts'
import { select } from '../../live/selection.ts'
import { Button } from '../../ui/Button.tsx'
import css from './Findings.module.css'
import { hopsOf, words } from './traceWords.ts'

/** Sends one real request and shows its way, hop by hop, with the times its sender measured. */
export function Trace() {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: traceOne })
  const { isAsked, take } = useAskedTrace()
  useEffect(() => {
    if (!isAsked) return
    take()
    mutate()
  }, [isAsked, take, mutate])
  return (
    <section className={css.trace} aria-label="Follow one request">
      <Button
        size="small"
        className={css.button}
        disabledReason={isPending ? 'It is on its way.' : null}
        onPress={() => mutate()}
      >
        Trace one request
      </Button>
      {error && <p role="alert">{error.message}</p>}
      {data && (
        <>
          <ol className={css.hops} aria-label="Its way">
            {hopsOf(data).map(({ title, code, detail, ms }) => (
              <li key={title}>
                <span className={css.ms}>{ms === null ? '' : words(ms)}</span>
                <div>
                  <h3>{title}</h3>
                  {code && <code>{code}</code>}
                  <p>{detail}</p>
                </div>
              </li>
            ))}
          </ol>
          {data.pod !== '' && (
            <Button
              size="small"
              className={css.button}
              onPress={() => select({ kind: 'pods', namespace: data.namespace, name: data.pod })}
            >
              Look into {data.pod}
            </Button>
          )}
        </>
      )}
    </section>
  )
}
