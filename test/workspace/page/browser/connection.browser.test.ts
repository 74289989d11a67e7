import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, objections } from '../../../support/chromium.ts';
import { type Stage, setStage } from './page-in-chromium.ts';

describe.skipIf(!hasChromium)('the page through a lost connection in Chromium (skipped without /usr/bin/chromium)', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.stop());

  it('says so, comes back by itself, and shows once what was posted meanwhile', async () => {
    const { page } = await stage.open();
    stage.workspace.say({ user: 'ben', channel: 'debug', text: 'before the gap' });
    await page.locator('.row', { hasText: 'before the gap' }).waitFor();
    const startAgain = await stage.unplug();
    await page.getByText('Reconnecting…').waitFor();
    stage.workspace.say({ user: 'ben', channel: 'debug', text: 'during the gap' });
    await startAgain();
    await page.locator('.row', { hasText: 'during the gap' }).waitFor();
    expect(await page.locator('.row').allTextContents()).toHaveLength(2);
  });
});

describe.skipIf(!hasChromium)('the page behind a password in Chromium (skipped without /usr/bin/chromium)', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ password: 'correct horse battery' });
  });
  afterAll(() => stage.stop());

  it('lets a person in by password under a name of their own, and out again', async () => {
    const { page } = await stage.open();
    expect(await objections(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Zoë');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Zoë');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByLabel('Message #debug').fill('hello from Zoë');
    await page.keyboard.press('Enter');
    await page.locator('.row', { hasText: 'hello from Zoë' }).locator('.row-name', { hasText: 'zoë' }).waitFor();
    expect(await page.getByLabel('Acting as').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
  });
});
