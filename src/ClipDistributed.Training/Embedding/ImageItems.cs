using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Verification;
using ClipDistributed.Training.Evaluation;

namespace ClipDistributed.Training.Embedding;

/// <summary>The images of files, folders and shards, decoded for the image tower piece by piece.</summary>
public sealed class ImageItems
{
    private readonly IReadOnlyList<ImageOrigin> origins;
    private readonly EvaluationTransform transform;
    private readonly long maxImagePixels;

    private ImageItems(
        IReadOnlyList<ImageOrigin> origins, IReadOnlyList<string> leftOut, EvaluationTransform transform, long maxImagePixels)
    {
        (this.origins, LeftOut) = (origins, leftOut);
        (this.transform, this.maxImagePixels) = (transform, maxImagePixels);
    }

    /// <param name="paths">Image files, shards, and folders of either, which are searched at any depth.</param>
    /// <param name="imageColumn">Of shards; empty: found by its usual names.</param>
    /// <exception cref="BadInputException">A path does not exist, or holds nothing to embed; lists all such.</exception>
    public static ImageItems Find(IReadOnlyList<string> paths, string imageColumn, EvaluationTransform transform, long maxImagePixels)
    {
        var (origins, leftOut, errors) = (new List<ImageOrigin>(), new List<string>(), new List<string>());
        foreach (string path in paths)
        {
            try
            {
                Find(path, imageColumn, origins, leftOut);
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors); // reported together with the others
            }
        }
        return errors.Count == 0 ? new ImageItems(origins, leftOut, transform, maxImagePixels) : throw new BadInputException(errors);
    }

    /// <summary>A line for each reason why files of a folder are not images.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>In the order of the paths; inside a folder by name.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IEnumerable<ImagePiece> Read()
    {
        foreach (var origin in origins)
        {
            if (origin.Shards is { } shards)
            {
                foreach (var piece in ReadShards(shards))
                    yield return piece;
                continue;
            }
            foreach (string[] files in origin.Files.Chunk(Features.ImagesAtOnce))
            {
                yield return Decode([.. files.Select(file =>
                    (file, new Func<byte[]?>(() => InputFile.ReadBytes(file, null, ImageDecoder.MaxFile))))]);
            }
        }
    }

    private IEnumerable<ImagePiece> ReadShards(DatasetManifest shards)
    {
        ShardEntry? at = null;
        long before = 0; // rows of the shard's earlier blocks
        foreach (var group in BlockReading.Walk(shards, BlockColumns.Image))
        {
            before = ReferenceEquals(at, group.Shard) ? before : 0;
            at = group.Shard;
            long rows = at.Blocks[group.Index].Rows;
            if (group.Data is null)
                yield return new ImagePiece(
                    [],
                    [],
                    [$"{at.Path}: block {group.Index} with {Counted.Plain(rows, "row")} is damaged"],
                    rows
                );
            foreach (int[] piece in Enumerable.Range(0, group.Data?.Rows ?? 0).Chunk(Features.ImagesAtOnce))
                yield return Decode(
                    [.. piece.Select(row => ($"{at.Path}#{before + row}", new Func<byte[]?>(() => group.Data!.Images[row])))]);
            before += rows;
        }
    }

    private ImagePiece Decode((string Id, Func<byte[]?> Bytes)[] items)
    {
        var images = new byte[]?[items.Length];
        var reasons = new string?[items.Length];
        Parallel.For(0, items.Length, i =>
        {
            try
            {
                byte[] image = new byte[3 * transform.Size * transform.Size];
                transform.Apply(ImageDecoder.Decode(items[i].Bytes(), maxImagePixels), image);
                images[i] = image;
            }
            catch (DamagedImageException damage)
            {
                reasons[i] = $"{items[i].Id}: {damage.Message}";
            }
            catch (BadInputException refused)
            {
                reasons[i] = refused.Message;
            }
        });
        int[] sound = [.. Enumerable.Range(0, items.Length).Where(i => images[i] is not null)];
        return new ImagePiece(
            [.. sound.Select(i => items[i].Id)], [.. sound.Select(i => images[i]!)], [.. reasons.OfType<string>()],
                items.Length - sound.Length);
    }

    private static void Find(string path, string imageColumn, List<ImageOrigin> origins, List<string> leftOut)
    {
        var source = ImageSource.Find(path, "--images");
        leftOut.AddRange(source.LeftOut);
        if (source.Shards.Count > 0)
            origins.Add(Shards(path, imageColumn));
        if (source.Images.Count > 0)
            origins.Add(new ImageOrigin(source.Images, null));
    }

    private static ImageOrigin Shards(string path, string imageColumn) =>
        new([], ManifestBuilder.Build([new SourceSpec { Path = path, ImageColumn = imageColumn }], "--images", ColumnNeeds.Images));

    /// <param name="Files">Image files.</param>
    /// <param name="Shards">Null: the files.</param>
    private sealed record ImageOrigin(IReadOnlyList<string> Files, DatasetManifest? Shards);
}
