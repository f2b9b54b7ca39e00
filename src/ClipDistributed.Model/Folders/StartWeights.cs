using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Model.Folders;

/// <summary>Weights of a folder as the beginning of a run; image size and context may differ, all else must fit.</summary>
public static class StartWeights
{
    /// <param name="path">A folder, or a file of weights, see <see cref="ModelSource"/>.</param>
    /// <returns>Notices of what had to be changed.</returns>
    /// <exception cref="BadInputException">It holds another model; names the differences.</exception>
    public static IReadOnlyList<string> Load(string path, ClipModel model)
    {
        var source = ModelSource.Find(path);
        source.CheckRecorded();
        if (source.ConfigPath is { } config)
            Check(config, source.ReadConfig().ModelCfg, model.Config);
        using var reading = WeightReading.Open(source.FindWeights(), model.Config, resizes: true, biasMayMiss: true);
        reading.Fill(model.Parameters);
        return reading.MissesBias
            ? [.. reading.Notices, "The weights have no logit_bias; it begins at 0."]
            : reading.Notices;
    }

    /// <summary>What no shape of a tensor shows, or shows less clearly.</summary>
    private static void Check(string path, ModelConfig found, ModelConfig model)
    {
        var errors = new List<string>();
        Same("quick_gelu", found.QuickGelu, model.QuickGelu);
        Same("embed_dim", found.EmbedDim, model.EmbedDim);
        Same("vision_cfg.layers", found.VisionCfg.Layers, model.VisionCfg.Layers);
        Same("vision_cfg.width", found.VisionCfg.Width, model.VisionCfg.Width);
        Same("vision_cfg.head_width", found.VisionCfg.HeadWidth, model.VisionCfg.HeadWidth);
        Same(
            "vision_cfg.pool_type", found.VisionCfg.PoolType ?? VisionConfig.TokenPool, model.VisionCfg.PoolType ?? VisionConfig.TokenPool);
        if (found.VisionCfg.PoolsMean)
            Same("vision_cfg.final_ln_after_pool", found.VisionCfg.FinalLnAfterPool, model.VisionCfg.FinalLnAfterPool);
        Same("text_cfg.vocab_size", found.TextCfg.VocabSize, model.TextCfg.VocabSize);
        Same("text_cfg.width", found.TextCfg.Width, model.TextCfg.Width);
        Same("text_cfg.layers", found.TextCfg.Layers, model.TextCfg.Layers);
        Same("text_cfg.heads", found.TextCfg.Heads, model.TextCfg.Heads);
        if (errors.Count > 0)
            throw new BadInputException(errors);

        void Same<T>(string key, T there, T here)
        {
            if (!Equals(there, here))
                errors.Add(
                    $"{path}: {key} is {there}, this run's model has {here}; use weights of the same model, or leave model.config out.");
        }
    }
}
