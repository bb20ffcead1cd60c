import { mount } from 'svelte';
import './look/tokens.css';
import './look/fonts.css';
import './look/base.css';
import './look/header.css';
import './look/controls.css';
import './look/light.css';
import './look/facade.css';
import './look/surfaces.css';
import { language } from './language.svelte.ts';
import { keepPlainBody } from './plain-body.ts';
import App from './App.svelte';

const app = document.getElementById('app');
if (app === null) throw new Error('index.html holds no #app');
keepPlainBody(app);
language.start();
mount(App, { target: app });
