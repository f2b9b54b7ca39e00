using ClipDistributed.Data.Packing;

namespace ClipDistributed.Data.Tests.Packing;

public sealed class PackProgressTests : IDisposable
{
    private static readonly PackJournal Journal = PackJournal.Start("these files");

    private readonly TemporaryFolder folder = new();
    private readonly List<PackItem> items = [];

    public PackProgressTests()
    {
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllBytes(folder.File($"{i}.png"), [(byte)i]);
            items.Add(new PackItem(folder.File($"{i}.png"), $"{i}.png"));
        }
    }

    public void Dispose() => folder.Dispose();

    // Wherever a kill cuts the file, what comes back is a beginning of what was appended, and the next record follows it.
    [Fact]
    public void Replay_FileCutAnywhere_GivesTheWholeRecordsBeforeTheCut()
    {
        PackedRow[] rows =
        [
            new([0], "file", null, true, false),
            new(null, null, "has no bytes", false, false),
            new([7, 8], "turned", null, false, true),
        ];
        using (var written = new PackProgress(folder.Path))
        {
            written.Begin(Journal);
            foreach (var row in rows)
                written.Append(row);
        }
        byte[] whole = File.ReadAllBytes(folder.File(PackProgress.FileName));
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(folder.File(PackProgress.FileName), whole[..length]);
            using (var cut = new PackProgress(folder.Path))
            {
                var found = cut.Replay(Journal, items).Select(Text).ToList();
                Assert.Equal(rows.Take(found.Count).Select(Text), found);
                Assert.True(found.Count == 3 == (length == whole.Length));
                cut.Append(rows[0]);
            }
            using var again = new PackProgress(folder.Path);
            Assert.Equal("file", again.Replay(Journal, items).Last().Caption);
        }
    }

    [Fact]
    public void Replay_DamagedRecord_EndsThere()
    {
        using (var written = new PackProgress(folder.Path))
        {
            written.Begin(Journal);
            written.Append(new([5, 6], "caption", null, false, false));
        }
        byte[] bytes = File.ReadAllBytes(folder.File(PackProgress.FileName));
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder.File(PackProgress.FileName), bytes);
        using var damaged = new PackProgress(folder.Path);
        Assert.Empty(damaged.Replay(Journal, items));
    }

    [Theory]
    [InlineData("other files", 0)]
    [InlineData("these files", 2)] // rows of a shard that is finished by now
    public void Replay_OfAnotherPlace_IsEmpty(string description, int next)
    {
        using (var written = new PackProgress(folder.Path))
        {
            written.Begin(Journal);
            written.Append(new(null, null, "has no bytes", false, false));
        }
        using var progress = new PackProgress(folder.Path);
        Assert.Empty(progress.Replay(Journal with { Description = description, Next = next }, items));
    }

    private static string Text(PackedRow row) =>
        $"{(row.Image is null ? "" : Convert.ToHexString(row.Image))} {row.Caption} {row.Problem} {row.IsFile} {row.IsTransparent}";
}
