using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class GitCommitTests : IDisposable
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(name))!);
        File.WriteAllText(_folder.In(name), content);
    }

    [Fact]
    public void Outside_a_checkout_there_is_no_commit() => Assert.Null(GitCommit.Of(_folder.Path));

    [Fact]
    public void A_branch_is_followed_from_a_folder_within()
    {
        Write(".git/HEAD", "ref: refs/heads/main\n");
        Write(".git/refs/heads/main", Hash + "\n");
        Directory.CreateDirectory(_folder.In("src/deep"));
        Assert.Equal(Hash, GitCommit.Of(_folder.In("src/deep")));
    }

    [Fact]
    public void A_detached_head_is_its_own_commit()
    {
        Write(".git/HEAD", Hash + "\n");
        Assert.Equal(Hash, GitCommit.Of(_folder.Path));
    }

    [Fact]
    public void Packed_branches_count()
    {
        Write(".git/HEAD", "ref: refs/heads/main\n");
        Write(".git/packed-refs", $"# pack-refs with: peeled\n{new string('f', 40)} refs/heads/not-main\n{Hash} refs/heads/main\n");
        Assert.Equal(Hash, GitCommit.Of(_folder.Path));
    }

    [Fact]
    public void A_worktree_shares_its_branches_with_the_main_checkout()
    {
        Write("main/.git/worktrees/w/HEAD", "ref: refs/heads/topic\n");
        Write("main/.git/worktrees/w/commondir", "../..\n");
        Write("main/.git/refs/heads/topic", Hash + "\n");
        Write("w/.git", $"gitdir: {_folder.In("main/.git/worktrees/w")}\n");
        Assert.Equal(Hash, GitCommit.Of(_folder.In("w")));
    }

    [Theory]
    [InlineData("ref: refs/heads/unborn\n")]
    [InlineData("garbage\n")]
    public void Before_the_first_commit_there_is_none(string head)
    {
        Write(".git/HEAD", head);
        Assert.Null(GitCommit.Of(_folder.Path));
    }
}
