using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>
/// The samples of a tar, or of a stretch of it: members with one key, in whatever order and wherever they lie. A member whose key and
/// ending were there before begins another sample. Names are not kept, so that a million of them fit.
/// </summary>
internal sealed class TarSamples
{
    private const int MaxMembers = 1_000_000, MaxEndings = 250;
    private const int None = -1;

    private readonly List<Sample> samples = [];
    private readonly List<Part> parts = [];
    private readonly Dictionary<UInt128, int> newest = []; // of each key
    private readonly Dictionary<string, byte> endings = new(StringComparer.Ordinal);
    private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int incomplete = None, last = None;

    private TarSamples()
    {
    }

    /// <summary>In the order of their first members; some may have no image.</summary>
    public int Count => samples.Count;

    /// <summary>What parts samples have, with how many there are of each.</summary>
    public IEnumerable<(string Ending, int Count)> Endings =>
        endings.Select(ending => (ending.Key, parts.Count(part => part.Ending == ending.Value)));

    /// <summary>Why it cannot be read to its end; null: it was.</summary>
    public string? Break { get; private set; }

    /// <summary>SHA-256 of where members lie, how long they are and what they are called.</summary>
    public string Digest() => Convert.ToHexStringLower(digest.GetCurrentHash());

    /// <summary>Where the sample's first header begins.</summary>
    public long FirstOf(int sample) => samples[sample].First;

    /// <summary>Where its last member ends.</summary>
    public long EndOf(int sample) => samples[sample].End;

    /// <summary>Reads the headers between two places. What cannot be read ends it, and is <see cref="Break"/>.</summary>
    /// <exception cref="InvalidDataException">Nothing can be made of its names.</exception>
    /// <exception cref="IOException">The source cannot be read.</exception>
    public static TarSamples Read(IByteSource source, long start, long end, CancellationToken cancel = default)
    {
        var samples = new TarSamples();
        var reader = new TarReader(source, start, end);
        try
        {
            while (reader.Next() is { } member)
            {
                cancel.ThrowIfCancellationRequested();
                samples.Add(member);
            }
        }
        catch (BrokenTarException broken)
        {
            samples.Break = broken.Message;
            samples.incomplete = broken.Member is { } name && MemberName.Of(name) is { } cut ? samples.MissingPartOf(cut) : None;
        }
        return samples;
    }

    /// <summary>The rows: samples that have an image. Where the tar is broken the one that lost a part is none.</summary>
    public List<TarRow> Rows(TarColumns columns)
    {
        var image = Ids(columns.Images);
        var (caption, label) = (Ids(columns.CaptionMember), Ids(columns.LabelMember));
        var rows = new List<TarRow>(samples.Count);
        for (int i = 0; i < samples.Count; i++)
        {
            if (i == incomplete || Find(i, image) is not { } picture)
                continue;
            var row = new TarRow(i, picture, Find(i, caption), Find(i, label));
            bool isCut = Break is not null && i == last && caption.Length > 0 && row.Caption is null;
            if (!isCut)
                rows.Add(row);
        }
        return rows;
    }

    /// <summary>The first members of an ending.</summary>
    public IEnumerable<TarPlace> First(string ending, int count) =>
        endings.TryGetValue(ending, out byte id) ? parts.Where(part => part.Ending == id).Take(count).Select(part => part.Place) : [];

    private void Add(TarMember member)
    {
        Append(member);
        if (MemberName.Of(member.Name) is not { } name)
            return;
        if (parts.Count == MaxMembers)
            throw new InvalidDataException($"it has more than {Counted.Of(MaxMembers, "member")}; write more and smaller tars");
        byte ending = IdOf(name.Ending);
        ref int sample = ref CollectionsMarshal.GetValueRefOrAddDefault(newest, KeyOf(name.Key), out bool isKnown);
        if (!isKnown || Has(sample, ending))
        {
            sample = samples.Count;
            samples.Add(new Sample(member.Header, 0, None));
        }
        var before = samples[sample];
        samples[sample] = before with { End = Math.Max(before.End, member.End), LastPart = parts.Count };
        parts.Add(new Part(new TarPlace(member.Start, member.Size), ending, before.LastPart));
        last = sample;
    }

    /// <summary>The sample to which a member would have belonged; none where it would have begun one.</summary>
    private int MissingPartOf(MemberName name) =>
        newest.TryGetValue(KeyOf(name.Key), out int sample)
            && !(endings.TryGetValue(name.Ending, out byte ending) && Has(sample, ending))
            ? sample
            : None;

    private void Append(TarMember member)
    {
        digest.AppendData(Encoding.UTF8.GetBytes(member.Name));
        Span<byte> place = stackalloc byte[1 + 2 * sizeof(long)]; // a NUL ends the name
        BinaryPrimitives.WriteInt64LittleEndian(place[1..], member.Start);
        BinaryPrimitives.WriteInt64LittleEndian(place[9..], member.Size);
        digest.AppendData(place);
    }

    private byte IdOf(string ending)
    {
        if (endings.TryGetValue(ending, out byte id))
            return id;
        if (endings.Count == MaxEndings)
        {
            throw new InvalidDataException(
                $"its names have more than {MaxEndings} endings ({FileWords.List(endings.Keys.Take(3), 3)}, …): a sample's key ends at "
                    + "the first point of its file name, so points before that have to be replaced");
        }
        return endings[ending] = (byte)endings.Count;
    }

    private bool Has(int sample, byte ending) => Parts(sample).Any(part => part.Ending == ending);

    private IEnumerable<Part> Parts(int sample)
    {
        for (int part = samples[sample].LastPart; part != None; part = parts[part].Before)
            yield return parts[part];
    }

    /// <summary>The part with the first of some endings that the sample has one of.</summary>
    private TarPlace? Find(int sample, byte[] wanted)
    {
        foreach (byte ending in wanted)
        {
            foreach (var part in Parts(sample))
            {
                if (part.Ending == ending)
                    return part.Place;
            }
        }
        return null;
    }

    private byte[] Ids(IEnumerable<string> names) =>
        [.. names.Where(endings.ContainsKey).Select(name => endings[name])];

    /// <summary>Half of a SHA-256: a name may have 65,536 bytes.</summary>
    private static UInt128 KeyOf(string key) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private readonly record struct Sample(long First, long End, int LastPart);

    private readonly record struct Part(TarPlace Place, byte Ending, int Before);
}

/// <summary>Where bytes of a member lie.</summary>
internal readonly record struct TarPlace(long Start, long Size);

/// <summary>A sample with an image.</summary>
/// <param name="Sample">Its number among all samples.</param>
internal readonly record struct TarRow(int Sample, TarPlace Image, TarPlace? Caption, TarPlace? Label);
