import htm from 'htm';
import { h } from 'preact';

/** Markup as a template. Values become text or attributes, never markup: what the API says can’t run. */
export const html = htm.bind(h);
