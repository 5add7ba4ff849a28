import { lazy, Suspense, type ComponentType } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { useT } from '../i18n'
import { Blank, Skeleton } from '../ui'
import { Boundary } from './Boundary'

// Each page is a chunk of its own, loaded when it is first looked at.
const page = (load: () => Promise<{ default: ComponentType }>) => lazy(load)

const routes: [path: string, page: ComponentType][] = [
  ['/map', page(() => import('../map/MapPage'))],
  ['/todo', page(() => import('../work/TodoPage'))],
  ['/tickets', page(() => import('../work/TicketsPage'))],
  ['/tickets/:id', page(() => import('../work/TicketPage'))],
  ['/visits', page(() => import('../visits/VisitsPage'))],
  ['/visits/review', page(() => import('../visits/ReviewPage'))],
  ['/stops/:id', page(() => import('../visits/StopPage'))],
  ['/cases', page(() => import('../cases/CasesPage'))],
  ['/cases/:id', page(() => import('../cases/CasePage'))],
  ['/stations', page(() => import('../stations/StationsPage'))],
  ['/deployment', page(() => import('../stations/DeploymentPage'))],
  ['/journal', page(() => import('../journal/JournalPage'))],
  ['/inbox', page(() => import('../work/InboxPage'))],
]

export function Pages() {
  return (
    <Boundary><Suspense fallback={<Skeleton lines={8} />}>
      <Switch>
        {routes.map(([path, Page]) => <Route key={path} path={path} component={Page} />)}
        <Route path="/"><Redirect to="/map" replace /></Route>
        <Route><Nowhere /></Route>
      </Switch>
    </Suspense></Boundary>
  )
}

function Nowhere() {
  const t = useT()
  return <Blank title={t('没有这个页面', 'There is no such page')} />
}
