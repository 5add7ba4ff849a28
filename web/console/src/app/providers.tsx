import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { I18nProvider, RouterProvider } from 'react-aria-components'
import { useLocation } from 'wouter'
import { isProblem } from '../api'
import { LanguageProvider, useLanguage } from '../i18n'
import { Toasts } from '../ui'

/** Providers are what every page stands on: the language, the queries and the routes. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // What the server has decided is not asked again; what got no answer is.
          queries: { staleTime: 30_000, retry: (n, e) => !isProblem(e) && n < 2, refetchOnWindowFocus: false },
        },
      }),
  )
  return (
    <LanguageProvider>
      <QueryClientProvider client={client}>
        <Routes>{children}</Routes>
        <Toasts />
      </QueryClientProvider>
    </LanguageProvider>
  )
}

function Routes({ children }: { children: ReactNode }) {
  const { lang } = useLanguage()
  const [, go] = useLocation()
  return (
    <I18nProvider locale={lang}>
      <RouterProvider navigate={go} useHref={(to) => (to.startsWith('/') ? '/console' + to : to)}>{children}</RouterProvider>
    </I18nProvider>
  )
}
