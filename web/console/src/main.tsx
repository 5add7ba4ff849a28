import { createRoot } from 'react-dom/client'
import './styles/tokens.css'
import './styles/base.css'
import './app/theme'
import { session } from './api'
import { App } from './app/App'

void session.start()
// The map is what people begin with: its code comes while the cookie is tried.
if (/^\/console(\/map)?\/?$/.test(location.pathname)) void import('./map/MapPage')
createRoot(document.getElementById('root')!).render(<App />)
