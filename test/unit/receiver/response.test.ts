import { expect, it } from 'vitest';
import { ResponseText } from '../../../src/receiver/response.js';
import { readResponse, string } from './datagrams.js';

it('acks, then asks', () => {
  const response = new ResponseText();
  expect(response.bytes()).toBeUndefined();
  response.start('nca', 123);
  expect(response.request(125)).toBe(true);
  expect(response.request(126)).toBe(true);
  expect(string(response.bytes())).toBe('nca123 125 126');
});

it('leaves the ack out when nothing can be acked', () => {
  const response = new ResponseText();
  response.start('nca', -1);
  response.request(0);
  expect(readResponse(response.bytes()!, 'nca')).toEqual({ ack: undefined, missing: [0n] });
});

it('acks 0', () => {
  const response = new ResponseText();
  response.start('ncrx', 0);
  expect(string(response.bytes())).toBe('ncrx0');
});

it('is filled to exactly 1000 bytes, the last digit in its place', () => {
  const response = new ResponseText();
  // "nca1000" is 7 bytes, 198 requests of 5 make 997, one of 3 makes 1000.
  response.start('nca', 1000);
  for (let i = 0; i < 198; i++) expect(response.request(2000 + i)).toBe(true);
  expect(response.request(123)).toBe(false);
  expect(response.request(99)).toBe(true);
  expect(response.bytes()).toHaveLength(1000);
  expect(string(response.bytes())!.endsWith(' 99')).toBe(true);
  expect(response.request(1)).toBe(false);
});
