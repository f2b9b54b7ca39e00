namespace ClipDistributed.TestKit.Mutations;

/// <summary>Texts of specs with a few things wrong with them: the same seed gives the same text.</summary>
public static class SpecMutator
{
    private const int MaxChanges = 4;

    private static readonly string[] Sound =
    [
        """
        name: demo
        seed: 1
        data:
          train: [{path: data/demo/train, image_column: auto, caption_column: "caption"}]
          validation:
          - path: data/demo/seen
            name: 'seen'
          - {path: data/demo/unseen}
          shuffle_block: 100
        model: {preset: tiny, tokenizer: auto}
        batch: {global: 256, micro: auto, streams: 4, gather: bfloat16}
        loss: softmax  # or sigmoid
        optimizer:
          name: adamw
          lr: 2.0e-3
          weight_decay: 0.2
        samples: 400_000
        augment: {random_resized_crop: [0.9, 1.0], flip: true}
        checkpoint: {every_steps: 200, every_minutes: 1.5, keep: 3, location: s3://b/p}
        evaluate: {every_steps: 200, zeroshot: {classes: data/classes.txt, templates: data/templates.txt}, retrieval: {pairs: 50}}
        replicas: {min: 1, max: 4, wait_minutes: 30, rebalance_above: 0.15, priority: 50}
        run_directory: runs/demo
        """,
        """
        {
          "name": "demo", "data": {"train": [{"path": "data/\u00e9\uD83D\uDE00"}], "shuffleBlock": 10},
          "batch": {"global": 64, "micro": null}, "samples": 1000, "augment": {"randomResizedCrop": [0.5, 1]},
          "runDirectory": "runs/demo"
        }
        """,
    ];

    private static readonly string[] Tokens =
    [
        "\t",
        "\n",
        "\r\n",
        " ",
        "  ",
        "\0",
        "\u001b[31m",
        "\u202e",
        "\uFEFF",
        "\uD800",
        "\uFFFD",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ": ",
        "- ",
        "? ",
        "#",
        " #",
        "'",
        "\"",
        "\\",
        "\\u",
        "\\uD800\\u0041",
        "&a ",
        "*a",
        "!!int ",
        "!<",
        "|",
        ">",
        "%YAML 9\n",
        "---\n",
        "...\n",
        "<<: ",
        "~",
        "null",
        "auto",
        "yes",
        "True",
        ".inf",
        "-.nan",
        "1e400",
        "0x10",
        "0o7",
        "010",
        "-1",
        "1_0",
        "18446744073709551616",
        "name: b\n",
        "batch: 3\n",
        "data: {train: []}\n",
        "lr: 1\n",
    ];

    /// <summary>A text that is a spec but for one to four changes; some seeds leave a sound one.</summary>
    public static string Mutate(ulong seed)
    {
        var random = new Random((int)(seed ^ (seed >> 32)));
        string text = Sound[random.Next(Sound.Length)];
        for (int changes = random.Next(MaxChanges) + 1; changes > 0; changes--)
            text = Change(text, random);
        return text;
    }

    private static string Change(string text, Random random)
    {
        int from = random.Next(text.Length + 1), to = Math.Min(text.Length, from + random.Next(1, 12));
        string token = Tokens[random.Next(Tokens.Length)];
        string[] lines = text.Split('\n');
        int line = random.Next(lines.Length);
        switch (random.Next(12))
        {
            case 0:
                return text[..from]; // cut off
            case 1:
                return text.Remove(from, to - from);
            case 2:
                return text[..to] + text[from..]; // a part twice
            case 3 or 4 or 5:
                return text.Insert(from, token);
            case 6:
                return text[..from] + token + text[to..];
            case 7:
                return string.Join('\n', [.. lines[..line], lines[line], .. lines[line..]]); // a line twice
            case 8:
                lines[line] = new string(random.Next(2) == 0 ? ' ' : '\t', random.Next(5)) + lines[line];
                return string.Join('\n', lines);
            case 9:
                return text.Insert(from, string.Concat(Enumerable.Repeat(token, random.Next(2, 20_000)))); // deep, long or both
            case 10:
                return text[..from] + (char)random.Next(0x2100) + text[from..];
            default:
                int colon = lines[line].IndexOf(": ", StringComparison.Ordinal);
                lines[line] = colon < 0 ? lines[line] : lines[line][..(colon + 2)] + token;
                return string.Join('\n', lines);
        }
    }
}
