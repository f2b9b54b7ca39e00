using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Training.Embedding;

/// <summary>Takes features piece by piece. The file gets its name when it is complete; otherwise it is deleted.</summary>
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
        OutputPath.CheckFile(path, "--out", replaces: false, ".parquet", ".safetensors");
        return path.EndsWith(".parquet", StringComparison.Ordinal)
            ? ParquetFeatureFile.Create(path, width)
            : SafetensorsFeatureFile.Create(path, tensor, width);
    }
}
