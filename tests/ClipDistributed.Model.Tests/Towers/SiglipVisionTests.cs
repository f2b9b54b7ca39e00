using ClipDistributed.Contracts.Models.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class SiglipVisionTests
{
    /// <summary>ViT-SO400M-14-SigLIP-384 has such a size.</summary>
    [Fact]
    public void Forward_PixelsThatFillNoPatch_AreNotLookedAt()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var config = SampleModel.SiglipConfig(); // 12 px, patches of 4
        var kwargs = config.VisionCfg.TimmModelKwargs!;
        using var exact = SampleModel.Create(config);
        using var larger = SampleModel.Create(config with
        {
            VisionCfg = config.VisionCfg with { ImageSize = 14, TimmModelKwargs = kwargs with { ImgSize = 14 } },
        });
        Assert.Equal(3, Assert.IsType<TimmTransformerForm>(larger.Config.VisionCfg.Form).GridSide);
        var images = randn([2, 3, 14, 14]);
        Golden.AssertClose(
            exact.Images.Forward(images.narrow(2, 0, 12).narrow(3, 0, 12).contiguous()),
            larger.Images.Forward(images),
            1e-6,
            1e-6,
            "features"
        );
    }
}
