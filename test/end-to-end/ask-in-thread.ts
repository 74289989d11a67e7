/** A person asks in the thread that is open on the page. */
import type { Locator, Page } from 'playwright-core';

/** Resolves with the answer once all of it is there: then people are asked whether it helped. Pictures may come after it. */
export async function askInThread(page: Page, text: string): Promise<Locator> {
  await page.locator('#reply-text').fill(text);
  await page.locator('#reply-text').press('Enter');
  const asked = page.getByRole('complementary').locator('.row:not([data-user="U0TRACE"])').filter({ hasText: text }).last();
  const feedback = page.getByRole('group', { name: 'Feedback' });
  const answer = asked.locator('xpath=following-sibling::*[@data-user="U0TRACE"]').filter({ has: feedback }).first();
  await answer.waitFor();
  return answer;
}
