import { expect, test } from 'vitest'
import { Acknowledgments } from './acknowledgments.ts'

test('what was there from the start is in force', () => {
  expect(new Acknowledgments(40).inForce(0)).toBe(40)
})

test('a change is in force when it is written, and the service proxy has programmed that', () => {
  const acks = new Acknowledgments(40)
  acks.changed('shop/web', 41)
  expect(acks.inForce(1000)).toBe(40)
  acks.wrote('shop/web', 41, 7)
  expect(acks.inForce(6)).toBe(40)
  expect(acks.inForce(7)).toBe(41)
})

test('nothing is in force that is newer than something that is not', () => {
  const acks = new Acknowledgments(40)
  acks.changed('shop/slow', 41)
  acks.changed('shop/web', 45)
  acks.wrote('shop/web', 45, 7)
  expect(acks.inForce(7)).toBe(40)
  acks.wrote('shop/slow', 41, 8)
  expect(acks.inForce(8)).toBe(45)
})

test('a service that changes all the time is followed all the same', () => {
  const acks = new Acknowledgments(40)
  acks.changed('shop/web', 41)
  acks.wrote('shop/web', 41, 7)
  acks.changed('shop/web', 42)
  expect(acks.inForce(7)).toBe(41)
})

test('what was written before a change came does not hold it', () => {
  const acks = new Acknowledgments(40)
  acks.changed('shop/web', 42)
  acks.wrote('shop/web', 41, 7)
  expect(acks.inForce(7)).toBe(41)
})

test('what needs no service proxy is in force at once', () => {
  const acks = new Acknowledgments(40)
  acks.changed('shop/elsewhere', 41)
  acks.wrote('shop/elsewhere', 41, 0)
  expect(acks.inForce(0)).toBe(41)
})
