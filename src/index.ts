// Worker entry: the app with the build's revisions. Only here and in cli/ do revisions come in.
import { revisions } from '../migrations/bundle.ts'
import { createApp } from './app.ts'

export default createApp(revisions)
