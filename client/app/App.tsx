import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Stage } from '../features/stage/Stage.tsx'
import { useConnection } from '../live/live.ts'
import { PreferencesProvider } from '../ui/preferences.tsx'
import css from './App.module.css'
import { Bar } from './Bar.tsx'
import { Refused } from './Refused.tsx'

const queryClient = new QueryClient()

function Shell() {
  const { status, reason } = useConnection()
  if (status === 'refused') return <Refused reason={reason} />
  return (
    <div className={css.shell}>
      <Bar />
      <Stage />
    </div>
  )
}

/** The whole page: what surrounds every view, and the view. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <PreferencesProvider>
        {/* A thousand u wide: script reads the unit from it. */}
        <div id="unit-probe" className={css.probe} />
        <Shell />
      </PreferencesProvider>
    </QueryClientProvider>
  )
}
