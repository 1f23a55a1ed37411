import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { KeysProvider } from '../ui/keys.tsx'
import { PreferencesProvider } from '../ui/preferences.tsx'
import css from './App.module.css'
import { Shell } from './Shell.tsx'

const queryClient = new QueryClient()

/** The whole page: what surrounds every view, and the view. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <PreferencesProvider>
        <KeysProvider>
          {/* A thousand u wide: script reads the unit from it. */}
          <div id="unit-probe" className={css.probe} />
          <Shell />
        </KeysProvider>
      </PreferencesProvider>
    </QueryClientProvider>
  )
}
