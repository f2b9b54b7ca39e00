using System.Text;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>Lists, specs and JSON that are hostile by what they are made of: long, wide, deep, or referring to themselves.</summary>
public static class TextShapes
{
    /// <summary>A list of captions.</summary>
    public static byte[] List(int seed)
    {
        var random = new Random(seed);
        int count = 1 << random.Next(1, 21);
        string separator = ",\t;|"[random.Next(4)].ToString(), end = new[] { "\n", "\r\n", "\r", "\n\r" }[random.Next(4)];
        string head = $"filepath{separator}title", row = $"a.png{separator}a red disc";
        string text = random.Next(10) switch
        {
            0 => $"{head}{end}a.png{separator}{new string('w', count)}{end}",
            1 =>
                $"{head}{string.Concat(Enumerable.Range(0, count).Select(i => $"{separator}c{i}"))}{end}{row}"
                + $"{new string(separator[0], count)}{end}",
            2 => $"{head}{end}a.png{separator}\"{string.Concat(Enumerable.Repeat($"x{end}", count / 4))}",
            3 => string.Concat(Enumerable.Range(0, count / 8).Select(i => row + new[] { "\n", "\r\n", "\r" }[i % 3]).Prepend(head + "\n")),
            4 => $"{head}{end}{string.Concat(Enumerable.Repeat("\0", count))}{end}{row}",
            5 => $"{head}{end}{string.Concat(Enumerable.Repeat(end, count))}{row}{end}",
            6 => $"{new string('"', count)}{end}{row}",
            7 => $"{{\"image\": \"a.png\", \"caption\": {new string('[', count)}",
            8 => $"{{\"image\": \"a.png\", \"caption\": [{string.Join(",", Enumerable.Repeat("\"x\"", count / 4))}]}}\n",
            _ =>
                $"{head}{end}{string.Concat(Enumerable.Repeat("../", count / 8))}a.png{separator}x{end}"
                + $"{new string('p', Math.Min(count, 70_000))}{separator}y{end}",
        };
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>A training spec.</summary>
    public static byte[] Spec(int seed)
    {
        var random = new Random(seed);
        int count = 1 << random.Next(1, 20);
        const string sound = "name: a\ndata: {train: [{path: data}]}\nmodel: {preset: tiny}\nbatch: {global: 8}\nsamples: 100\n";
        string text = random.Next(12) switch
        {
            0 => string.Concat(Enumerable.Range(0, 30).Select(i => i == 0 ? "a0: &a0 [x, x]\n" : $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"))
                + sound,
            1 => $"{sound}x: {new string("[{"[random.Next(2)], count)}",
            2 => sound + string.Concat(Enumerable.Range(0, Math.Min(count, 3_000)).Select(i => new string(' ', i) + "x:\n")),
            3 => $"{sound}description: {new string('d', count)}\n",
            4 => $"{sound}\"{new string('k', count)}\": 1\n",
            5 => sound + string.Concat(Enumerable.Repeat("name: b\n", count / 4)),
            6 => $"{sound}seed: !!{new string('t', count)} 5\n",
            7 => sound + string.Concat(Enumerable.Range(0, count / 8).Select(i => $"unknown{i}: {i}\n")),
            8 => $"{sound}a: &a\n  b: *a\n  c: *a\n",
            9 => $"name: a\ndata: {{train: [{string.Join(", ", Enumerable.Repeat("{path: x}", count / 8))}]}}\nmodel: {{preset: tiny}}\n",
            10 => $"{sound}seed: {new string('9', count)}\n",
            _ => sound + string.Concat(Enumerable.Repeat("---\n", count)),
        };
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The header of a safetensors file, sound at seed 0, and its data.</summary>
    public static byte[] Safetensors(int seed)
    {
        var random = new Random(seed);
        int count = 1 << random.Next(1, 21);
        string header = random.Next(8) switch
        {
            _ when seed == 0 => """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
            0 => "{"
                + string.Join(
                    ",",
                    Enumerable.Range(0, count).Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}")
                )
                + "}",
            1 => "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + string.Join(",", Enumerable.Repeat("1", count)) + "],\"data_offsets\":[0,8]}}",
            2 => $"{{\"{new string('n', count)}\":{{\"dtype\":\"{new string('d', count)}\",\"shape\":[2],\"data_offsets\":[0,8]}}}}",
            3 => "{\"a\":" + new string('[', count),
            4 => "{\"__metadata__\":{" + string.Join(",", Enumerable.Range(0, count).Select(i => $"\"{i}\":\"x\"")) + "}}",
            5 =>
                $"{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{random.NextInt64()},{random.Next()}],"
                + $"\"data_offsets\":[{random.Next(9)},{random.NextInt64()}]}}}}",
            6 => new string(' ', count),
            _ => "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + string.Concat(Enumerable.Repeat("\"a\":null,", count))
                + "}",
        };
        byte[] text = Encoding.UTF8.GetBytes(header);
        long claimed = random.Next(6) == 0 && seed != 0 ? 1L << random.Next(63) : text.Length;
        return [.. BitConverter.GetBytes(claimed), .. text, .. new byte[8]];
    }
}
