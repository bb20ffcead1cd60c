import { expect, it } from 'vitest';
import { initialOf, namesInWords } from './names.ts';

it('the letter in a niche is the first grapheme of the name, accents and joined signs whole', () => {
  expect([' ada', 'Élodie', 'žofie', '👩‍🚀 Ro', ''].map(initialOf)).toEqual(['A', 'É', 'Ž', '👩‍🚀', '']);
});

it('names are joined in the way of the language', () => {
  const names = ['Ada', 'Bo', 'Cleo'];
  expect(namesInWords(names, 'en')).toBe('Ada, Bo and Cleo');
  expect(namesInWords(names, 'it')).toBe('Ada, Bo e Cleo');
});
