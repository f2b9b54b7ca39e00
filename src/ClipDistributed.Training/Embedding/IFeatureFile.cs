using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Training.Embedding;

/// <summary>Takes features piece by piece. The file gets its name when it is complete; without that, nothing is left.</summary>
public interface IFeatureFile : IDisposable
{
    /// <param name="features">Rows of the width, one for each id.</param>
    void Add(IReadOnlyList<string> ids, float[] features);

    void Complete();

    /// <summary>By the path's ending: .parquet or .safetensors.</summary>
    /// <param name="tensor">The name of the tensor in a safetensors file.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <exception cref="BadInputException">The path cannot be written, or exists.</exception>
    static IFeatureFile Create(string path, string tensor, int width)
    {
        CheckPath(path, ".parquet", ".safetensors");
        return path.EndsWith(".parquet", StringComparison.Ordinal) ? new ParquetFeatureFile(path, width) : new SafetensorsFeatureFile(path, tensor, width);
    }

    /// <exception cref="BadInputException">Another ending, an existing file, or no such folder.</exception>
    static void CheckPath(string path, params string[] endings)
    {
        if (!endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            throw new BadInputException($"--out is {path}; end it with {string.Join(" or ", endings)}.");
        if (File.Exists(path) || Directory.Exists(path))
            throw new BadInputException($"--out: {path} exists; name a new file, or remove it.");
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new BadInputException($"--out: the folder {folder} does not exist; make it or name another.");
    }
}
