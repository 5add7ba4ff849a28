import { createRoot } from 'react-dom/client'
import '../styles/tokens.css'
import '../styles/base.css'
import '../app/theme'
import { session } from '../api'
import { Boundary } from '../app/Boundary'
import { Providers } from '../app/providers'
import { PublicPage } from './PublicPage'

void session.start()
void import('./PublicMap')
createRoot(document.getElementById('root')!).render(<Providers><Boundary><PublicPage /></Boundary></Providers>)
