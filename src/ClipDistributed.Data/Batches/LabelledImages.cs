using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Batches;

/// <summary>The images of a validation source with their classes, in pieces; small sources stay in memory between evaluations.</summary>
public sealed class LabelledImages(SourceSpec source, IReadOnlyList<string> classes, EvaluationTransform transform, long maxImagePixels)
{
    private const long LargestKept = 256 << 20;

    private readonly DatasetManifest manifest = ManifestBuilder.Build([source], "data.validation");
    private List<LabelledPiece>? kept;

    public string Name => source.Name;

    /// <summary>Row group by row group; images that do not decode are left out.</summary>
    /// <exception cref="BadInputException">There is no label column, or a label is no class.</exception>
    public IEnumerable<LabelledPiece> Read()
    {
        if (kept is not null)
            return kept;
        bool keep = manifest.Rows * 3 * transform.Size * transform.Size <= LargestKept;
        return keep ? kept = [.. Decode()] : Decode();
    }

    private IEnumerable<LabelledPiece> Decode()
    {
        foreach (var entry in manifest.Shards)
        {
            if (entry.LabelColumn is null)
                throw new BadInputException($"{entry.Path} has no label column, which zero-shot evaluation needs; name it as label_column of the validation source.");
            var shard = ParquetShard.OpenAsync(entry).GetAwaiter().GetResult();
            try
            {
                for (int group = 0; group < entry.RowGroups.Count; group++)
                    yield return Decode(entry.Path, shard.ReadRowGroupAsync(group, withLabels: true).GetAwaiter().GetResult());
            }
            finally
            {
                shard.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }

    private LabelledPiece Decode(string path, RowGroupData rows)
    {
        int bytes = 3 * transform.Size * transform.Size;
        var images = new byte[rows.Rows][];
        Parallel.For(0, rows.Rows, row =>
        {
            try
            {
                var image = ImageDecoder.Decode(rows.Images[row], maxImagePixels);
                transform.Apply(image, images[row] = new byte[bytes]);
            }
            catch (DamagedImageException)
            {
                images[row] = []; // counted by the caller through the number of images
            }
        });
        int[] sound = [.. Enumerable.Range(0, rows.Rows).Where(row => images[row].Length > 0)];
        return new LabelledPiece([.. sound.SelectMany(row => images[row])], [.. sound.Select(row => ClassOf(path, rows.Labels![row]))], rows.Rows - sound.Length);
    }

    private int ClassOf(string path, string? label)
    {
        if (label is not null && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < classes.Count)
            return number;
        for (int i = 0; i < classes.Count; i++)
        {
            if (classes[i] == label)
                return i;
        }
        throw new BadInputException($"{path} has the label '{label}'; allowed are the {classes.Count} classes by name, or their numbers from 0.");
    }
}

/// <summary>Some images and their classes.</summary>
/// <param name="Images">RGB, [n, 3, size, size].</param>
/// <param name="Labels">Numbers of classes, [n].</param>
/// <param name="Damaged">Images that were left out.</param>
public sealed record LabelledPiece(byte[] Images, int[] Labels, int Damaged);
