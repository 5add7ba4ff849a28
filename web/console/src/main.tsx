import { createRoot } from 'react-dom/client'
import './styles/tokens.css'
import './styles/base.css'
import './app/theme'
import { session } from './api'
import { App } from './app/App'

void session.start()
createRoot(document.getElementById('root')!).render(<App />)
