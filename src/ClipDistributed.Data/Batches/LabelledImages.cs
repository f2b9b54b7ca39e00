using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Batches;

/// <summary>The images of a validation source with their classes, in pieces; small sources stay in memory between evaluations.</summary>
public sealed class LabelledImages
{
    /// <summary>Images that pass through a tower at once: few, so that an evaluation needs no more memory than a step.</summary>
    public const int AtOnce = 32;

    private const long MaxKept = 256 << 20;

    private readonly DatasetManifest manifest;
    private readonly IReadOnlyList<string> classes;
    private readonly EvaluationTransform transform;
    private readonly long maxImagePixels;
    private List<LabelledPiece>? kept;

    private LabelledImages(
        string name, DatasetManifest manifest, IReadOnlyList<string> classes, EvaluationTransform transform, long maxImagePixels)
    {
        Name = name;
        (this.manifest, this.classes) = (manifest, classes);
        (this.transform, this.maxImagePixels) = (transform, maxImagePixels);
    }

    /// <summary>Reads the source's footers; images are read when they are asked for.</summary>
    /// <param name="classes">Class names, in the order of the labels.</param>
    /// <param name="maxImagePixels">An image with more pixels is damaged.</param>
    /// <param name="key">What names the source to the user; begins errors.</param>
    /// <exception cref="BadInputException">The source cannot be used: no label column, for one.</exception>
    public static LabelledImages Open(
        SourceSpec source,
        IReadOnlyList<string> classes,
        EvaluationTransform transform,
        long maxImagePixels,
        string key = "data.validation"
    ) => new(source.Name, ManifestBuilder.Build([source], key, ColumnNeeds.Labelled), classes, transform, maxImagePixels);

    public string Name { get; }

    /// <summary>What stays in memory between evaluations, bytes.</summary>
    public long KeptBytes => AllBytes <= MaxKept ? AllBytes : 0;

    private long AllBytes => manifest.Rows * 3 * transform.Size * transform.Size;

    /// <summary>
    /// Piece by piece in the order of the rows; images that do not decode, and damaged blocks, are left out and counted.
    /// </summary>
    /// <exception cref="BadInputException">A label is not a class.</exception>
    public IEnumerable<LabelledPiece> Read()
    {
        if (kept is not null)
            return kept;
        return KeptBytes > 0 ? kept = [.. Decode()] : Decode();
    }

    private IEnumerable<LabelledPiece> Decode()
    {
        var reader = new ClassLabels(classes);
        long before = 0; // rows of the shard's earlier blocks
        foreach (var group in BlockReading.Walk(manifest, BlockColumns.Image | BlockColumns.Label))
        {
            before = group.Index == 0 ? 0 : before + group.Shard.Blocks[group.Index - 1].Rows;
            if (group.Data is not { } rows)
            {
                yield return new LabelledPiece([], [], (int)group.Shard.Blocks[group.Index].Rows);
                continue;
            }
            for (int start = 0; start < rows.Rows; start += AtOnce)
                yield return Decode(
                    row => reader.ClassOf(group.Shard, before + row, rows, row), rows, start, Math.Min(AtOnce, rows.Rows - start));
        }
    }

    private LabelledPiece Decode(Func<int, int> classOf, BlockData rows, int start, int count)
    {
        var images = new byte[]?[count];
        Parallel.For(0, count, i => images[i] = Decode(rows.Images[start + i]));
        int[] sound = [.. Enumerable.Range(0, count).Where(i => images[i] is not null)];
        return new LabelledPiece([.. images.OfType<byte[]>()], [.. sound.Select(i => classOf(start + i))], count - sound.Length);
    }

    /// <summary>Null: the image is damaged.</summary>
    private byte[]? Decode(byte[]? stored)
    {
        try
        {
            byte[] image = new byte[3 * transform.Size * transform.Size];
            var decoded = ImageDecoder.Rent(stored, maxImagePixels);
            transform.Apply(decoded, image);
            ImageDecoder.GiveBack(decoded);
            return image;
        }
        catch (DamagedImageException)
        {
            return null; // counted by the piece
        }
    }
}

/// <summary>At most 256 images and their classes.</summary>
/// <param name="Images">RGB, [3, size, size] each.</param>
/// <param name="Labels">Numbers of classes, [n].</param>
/// <param name="Damaged">Images that were left out.</param>
public sealed record LabelledPiece(IReadOnlyList<byte[]> Images, int[] Labels, int Damaged);
