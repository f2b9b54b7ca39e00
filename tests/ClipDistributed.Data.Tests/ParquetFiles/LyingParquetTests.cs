using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.TestKit.Mutations;
using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.Data.Tests.ParquetFiles;

/// <summary>Files that lie are read, refused or damaged, and cost no more than honest ones.</summary>
public sealed class LyingParquetTests : IDisposable
{
    private const int Seeds = 600;
    private const long MaxBytes = 700L << 20; // a page of 128 MiB at most, and what is made of it

    private const BlockColumns AllColumns = BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_SoundFilesOfTheGenerator_GiveTheirRows()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            File.WriteAllBytes(folder.File("a.parquet"), LyingParquet.MakeSound(seed));
            var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards);
            for (int group = 0; group < entry.Blocks.Count; group++)
            {
                var rows = BlockReading.ReadOnce(entry, group, AllColumns);
                Assert.Equal(
                    Enumerable.Range(0, (int)entry.Blocks[group].Rows).Select(row => ($"picture {row}", $"{row}")),
                    rows.Captions.Zip(rows.Labels!)!
                );
                Assert.All(rows.Images, image => Assert.Equal(0x89, image![0]));
            }
        }
    }

    [Fact]
    public void Read_LyingFiles_AreReadRefusedOrDamagedWithinBounds() => ReadWithinBounds(LyingParquet.Make, Seeds);

    [Fact]
    public void Read_FilesOfHostileForm_AreReadRefusedOrDamagedWithinBounds() => ReadWithinBounds(ParquetShapes.Make, 150);

    private void ReadWithinBounds(Func<int, byte[]> make, int seeds)
    {
        var outcomes = new Dictionary<string, int>();
        for (int seed = 0; seed < seeds; seed++)
        {
            string path = folder.File("a.parquet");
            File.WriteAllBytes(path, make(seed));
            long before = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
            string outcome = Read(path, seed);
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), $"seed {seed} took {Stopwatch.GetElapsedTime(began)}");
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxBytes, $"seed {seed}: {allocated:N0} bytes were allocated");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }
        // Each way of ending is met, else the lies are too small or too large.
        Assert.All(["read", "refused", "damaged"], outcome => Assert.InRange(outcomes.GetValueOrDefault(outcome), seeds / 20, seeds));
    }

    private static string Read(string path, int seed)
    {
        try
        {
            var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = path }]).Shards);
            foreach (int group in Enumerable.Range(0, entry.Blocks.Count).Take(3))
            {
                BlockReading.ReadOnce(entry, group, AllColumns);
            }
            return "read";
        }
        catch (BadInputException refused)
        {
            Assert.All(refused.Errors, line => Assert.DoesNotContain('\n', line));
            return "refused";
        }
        catch (DamagedShardException)
        {
            return "damaged";
        }
        catch (Exception other)
        {
            throw new InvalidOperationException($"seed {seed}", other);
        }
    }
}
