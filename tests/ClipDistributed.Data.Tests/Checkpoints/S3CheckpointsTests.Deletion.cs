using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;

namespace ClipDistributed.Data.Tests.Checkpoints;

public sealed partial class S3CheckpointsTests
{
    [Fact]
    public void Delete_OneOfTwo_LeavesTheOther()
    {
        var place = server.Checkpoints();
        place.Upload(Local(1, 20));
        place.Upload(Local(1, 30));
        place.Delete(place.List()[1]);
        Assert.Null(place.FindDamage(place.List().Single()));
        Assert.Equal(30, place.List().Single().Step);
    }

    [Fact]
    public async Task Delete_All_LeavesNoObjectButTheOwner()
    {
        var place = server.Checkpoints();
        place.Upload(Local(1, 20));
        place.Delete(place.List().Single());
        Assert.Equal(["runs/demo/run.txt"], await server.KeysAsync());
    }
}
