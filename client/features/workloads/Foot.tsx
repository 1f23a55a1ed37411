import { Button } from '../../ui/Button.tsx'
import { once, useKeys } from '../../ui/keys.tsx'
import css from './Foot.module.css'
import type { Said } from './useRemoval.ts'

/** Last line of the view: what was done last, its kubectl line, and the way back. */
export function Foot({ said, onDismiss }: { said: Said | null; onDismiss: () => void }) {
  const undo = said?.undo
  useKeys([
    {
      keys: ['z'],
      words: 'Undo the last deletion',
      press: once(() => void undo?.()),
      isUnlisted: !undo,
    },
  ])
  return (
    <footer className={css.foot}>
      <div className={css.said} role="status" data-failure={said?.isFailure === true}>
        {said?.command && (
          <code>
            <span>$</span> {said.command}
          </code>
        )}
        {said && <p>{said.words}</p>}
      </div>
      {said?.undo && (
        <Button look="primary" size="small" icon="undo" keys="Z" onPress={() => void said.undo?.()}>
          Undo
        </Button>
      )}
      {said?.proceed && (
        <>
          <Button look="danger" size="small" onPress={() => void said.proceed?.()}>
            Delete for good
          </Button>
          <Button size="small" onPress={onDismiss}>
            Keep it
          </Button>
        </>
      )}
      {!said && (
        <p className={css.hint} aria-hidden="true">
          <b>↑ ↓</b> choose <b>Enter</b> look into <b>E</b> edit <b>Del</b> delete <b>N</b> create{' '}
          <b>I</b> from an image <b>/</b> search <b>W</b> more columns
        </p>
      )}
    </footer>
  )
}
