using System.Collections;
using System.Globalization;
using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Unicode's normalisation form C (UAX #15). Written out because <see cref="string.Normalize()"/> leaves all but ASCII as it is
/// under InvariantGlobalization, which ClipDistributed uses so that hosts need no ICU and give the same ids.
/// </summary>
internal static class CanonicalForm
{
    private const int HangulBase = 0xac00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11a7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28, HangulCount = LeadCount * VowelCount * TrailCount;

    /// <summary>Every character that normalisation can touch lies below.</summary>
    private const int Limit = 0x30000;

    private static readonly Dictionary<int, (int First, int Second)> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly byte[] CombiningClasses = new byte[Limit];

    /// <summary>Characters that may change or move; text without them is in form C already.</summary>
    private static readonly BitArray Unstable = new(Limit);

    static CanonicalForm()
    {
        ReadPairs(CanonicalData.Composites, (pair, composite) =>
        {
            Compositions.Add(pair, composite);
            Unstable[pair.Second] = true;
        });
        ReadPairs(CanonicalData.NeverComposed, (_, composite) => Unstable[composite] = true);
        foreach (string entry in Entries(CanonicalData.Duplicates))
        {
            string[] sides = entry.Split('=');
            Decompositions.Add(Hex(sides[0]), (Hex(sides[1]), 0));
            Unstable[Hex(sides[0])] = true;
        }
        ReadCombiningClasses();
        for (int jamo = VowelBase; jamo < TrailBase + TrailCount; jamo++)
            Unstable[jamo] = true;
    }

    public static string Compose(string text)
    {
        if (IsComposed(text))
            return text;
        var characters = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, characters);
        Order(characters);
        Join(characters);
        var result = new StringBuilder(text.Length);
        foreach (int character in characters)
            result.Append(new Rune(character));
        return result.ToString();
    }

    private static bool IsComposed(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02ff'))
            return true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value < Limit && Unstable[rune.Value])
                return false;
        }
        return true;
    }

    private static void Decompose(int character, List<int> into)
    {
        int syllable = character - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            into.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            into.Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount));
            if (syllable % TrailCount != 0)
                into.Add(TrailBase + (syllable % TrailCount));
        }
        else if (Decompositions.TryGetValue(character, out var pair))
        {
            Decompose(pair.First, into);
            if (pair.Second != 0)
                Decompose(pair.Second, into);
        }
        else
        {
            into.Add(character);
        }
    }

    /// <summary>Sorts each run of combining marks by class; marks of one class keep their order.</summary>
    private static void Order(List<int> characters)
    {
        for (int start = 0; start < characters.Count; start++)
        {
            int end = start;
            while (end < characters.Count && ClassOf(characters[end]) != 0)
                end++;
            if (end - start > 1)
            {
                int[] run = [.. characters[start..end].OrderBy(ClassOf)];
                for (int i = 0; i < run.Length; i++)
                    characters[start + i] = run[i];
            }
            start = end;
        }
    }

    /// <summary>Joins each starter with the marks after it that nothing of the same or a higher class blocks.</summary>
    private static void Join(List<int> characters)
    {
        int written = 0, starter = -1, lastClass = 0;
        for (int i = 0; i < characters.Count; i++)
        {
            int character = characters[i];
            int combiningClass = ClassOf(character);
            bool blocked = starter < written - 1 && lastClass >= combiningClass;
            if (starter >= 0 && !blocked && TryJoin(characters[starter], character, out int composite))
            {
                characters[starter] = composite;
                continue;
            }
            if (combiningClass == 0)
                starter = written;
            lastClass = combiningClass;
            characters[written++] = character;
        }
        characters.RemoveRange(written, characters.Count - written);
    }

    private static bool TryJoin(int first, int second, out int composite)
    {
        int lead = first - LeadBase, vowel = second - VowelBase, syllable = first - HangulBase, trail = second - TrailBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            composite = HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        else if (syllable is >= 0 and < HangulCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
            composite = first + trail;
        else
            return Compositions.TryGetValue((first, second), out composite);
        return true;
    }

    private static int ClassOf(int character) => character < Limit ? CombiningClasses[character] : 0;

    private static void ReadPairs(string data, Action<(int First, int Second), int> read)
    {
        int second = 0;
        foreach (string entry in Entries(data))
        {
            int colon = entry.IndexOf(':');
            if (colon >= 0)
                second = Hex(entry[..colon]);
            string[] sides = entry[(colon + 1)..].Split('=');
            var pair = (Hex(sides[0]), second);
            Decompositions.Add(Hex(sides[1]), pair);
            read(pair, Hex(sides[1]));
        }
    }

    private static void ReadCombiningClasses()
    {
        byte combiningClass = 0;
        foreach (string entry in Entries(CanonicalData.CombiningClasses))
        {
            int colon = entry.IndexOf(':');
            if (colon >= 0)
                combiningClass = byte.Parse(entry[..colon], CultureInfo.InvariantCulture);
            string[] ends = entry[(colon + 1)..].Split('-');
            for (int character = Hex(ends[0]); character <= Hex(ends[^1]); character++)
            {
                CombiningClasses[character] = combiningClass;
                Unstable[character] = true;
            }
        }
    }

    private static string[] Entries(string data) => data.Split((char[])[' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
