import { Router } from 'wouter'
import { useSession } from '../api'
import { LiveProvider } from '../api/live'
import { Skeleton } from '../ui'
import { Pages } from './pages'
import { Providers } from './providers'
import { Shell } from './Shell'
import { SignIn, SignInAgain } from './SignIn'

export function App() {
  return <Router base="/console"><Providers><Console /></Providers></Router>
}

function Console() {
  const { status, account } = useSession()
  if (status === 'unknown') return <Skeleton />
  if (!account) return <SignIn />
  return (
    <LiveProvider>
      <Shell><Pages /></Shell>
      {status === 'ended' && <SignInAgain />}
    </LiveProvider>
  )
}
