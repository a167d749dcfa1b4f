// What the browser asks of the bastion. Everything but the live picture is a command, with its row in the audit.

async function answer_of(response) {
  if (!response.ok) throw new Error(`the bastion answers ${response.status}`);
  return response.json();
}

export async function who() {
  return answer_of(await fetch("/api/who", { cache: "no-store" }));
}

// {status, output, text, error} of a command; one that could not be asked for is refused in the same shape.
export async function run(words, { me = false, confirmed = false } = {}) {
  const asked = { words };
  if (me) asked.me = true;
  if (confirmed) asked.confirmed = true;
  try {
    return await answer_of(
      await fetch("/api/run", {
        method: "POST",
        cache: "no-store",
        headers: { "Content-Type": "application/json", "X-Bastion-Window": "1" },
        body: JSON.stringify(asked),
      }),
    );
  } catch (reason) {
    return { status: 1, output: null, text: "", error: `not asked: ${reason.message}` };
  }
}

export function recording_of(id) {
  return `/api/recordings/${encodeURIComponent(id)}`;
}
